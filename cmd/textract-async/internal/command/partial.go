package command

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// partialName begins the names of folders for files that are not complete.
const partialName = ".partial-"

// removePartial removes from a folder what earlier runs left that ended early. Folders into which
// another run writes stay.
func removePartial(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), partialName) {
			continue
		}
		partial := filepath.Join(folder, entry.Name())
		if release, ok := claimPartial(partial); ok {
			err = errors.Join(err, os.RemoveAll(partial))
			release()
		}
	}
	return err
}

// removePartialOfJobs does so in the folders in a folder, if there is one.
func removePartialOfJobs(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if entry.IsDir() {
			err = errors.Join(err, removePartial(filepath.Join(folder, entry.Name())))
		}
	}
	return err
}

// newPartial makes a folder that other runs do not remove until it is released.
func newPartial(folder string) (partial string, release func(), err error) {
	for {
		if partial, err = os.MkdirTemp(folder, partialName); err != nil {
			return "", nil, err
		}
		release = holdPartial(partial)
		if _, err := os.Stat(partial); err == nil {
			return partial, release, nil
		}
		release() // another run has removed it before it was held
	}
}
