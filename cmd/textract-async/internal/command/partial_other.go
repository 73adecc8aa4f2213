//go:build !unix || aix || solaris

package command

import (
	"os"
	"time"
)

// holdPartial has nothing to do: folders cannot be locked here.
func holdPartial(string) (release func()) { return func() {} }

// claimPartial takes a folder that is a day old for one that no run writes into.
func claimPartial(name string) (release func(), ok bool) {
	info, err := os.Stat(name)
	return func() {}, err == nil && time.Since(info.ModTime()) > 24*time.Hour
}
