//go:build unix && !aix && !solaris

package command

import (
	"os"
	"syscall"
)

// holdPartial keeps other runs from removing a folder until it is released. The system releases it
// when the process ends, however it ends. Where folders cannot be locked, as on some network file
// systems, no run removes them.
func holdPartial(name string) (release func()) {
	release, _ = lockPartial(name, syscall.LOCK_EX)
	return release
}

// claimPartial holds a folder that no run holds.
func claimPartial(name string) (release func(), ok bool) {
	return lockPartial(name, syscall.LOCK_EX|syscall.LOCK_NB)
}

func lockPartial(name string, how int) (release func(), ok bool) {
	folder, err := os.Open(name)
	if err != nil {
		return func() {}, false
	}
	if err := syscall.Flock(int(folder.Fd()), how); err != nil {
		_ = folder.Close()
		return func() {}, false
	}
	return func() { _ = folder.Close() }, true
}
