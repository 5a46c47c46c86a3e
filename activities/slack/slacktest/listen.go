package slacktest

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// newHTTPServer is httptest's server on an address of our choice, so that a sandbox can keep its port.
func newHTTPServer(addr string, handler http.Handler) *httptest.Server {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		panic("slacktest: listen on " + addr + ": " + err.Error())
	}
	return &httptest.Server{
		Listener: listener,
		// A cut connection and a client that gave up are what this server is for, not news for stderr.
		Config: &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)},
	}
}

func base36(n int) string { return strconv.FormatInt(int64(n), 36) }
