package localapi

import (
	"context"
	"net"
	"net/http"
)

// loopbackClient resolves each name to this machine, as most resolvers do for names below
// localhost.
func loopbackClient() *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}}
}
