//go:build !unix || aix || solaris

package batch

import (
	"errors"
	"fmt"
	"os"
)

// lock keeps other runs out of a folder until it is released. The file of a process that was killed
// stays.
func lock(name string) (release func(), err error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%w: wait for its end, or remove %s if there is none", ErrLocked, name)
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = file.Close(); _ = os.Remove(name) }, nil
}

// syncPath returns when a file is on the disk. Folders cannot be synced here.
func syncPath(name string) error {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil //nolint:nilerr // a folder
	}
	return errors.Join(file.Sync(), file.Close())
}
