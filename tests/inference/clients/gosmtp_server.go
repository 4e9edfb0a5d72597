// SPDX-License-Identifier: BSD-3-Clause
// A mail server made with emersion's go-smtp: gosmtp_server CERTIFICATE KEY USER PASSWORD. Its backend
// says nothing of its own but what the library's example says.
package main

import (
	"crypto/tls"
	"errors"
	"io"
	"io/ioutil"
	"os"

	"github.com/emersion/go-smtp"
)

type backend struct{}
type session struct{}

func (backend) Login(state *smtp.ConnectionState, user, password string) (smtp.Session, error) {
	if user != os.Args[3] || password != os.Args[4] {
		return nil, errors.New("Invalid username or password")
	}
	return session{}, nil
}

func (backend) AnonymousLogin(state *smtp.ConnectionState) (smtp.Session, error) {
	return nil, smtp.ErrAuthRequired
}

func (session) Mail(from string, opts smtp.MailOptions) error { return nil }
func (session) Rcpt(to string) error                          { return nil }

func (session) Data(r io.Reader) error {
	_, err := io.Copy(ioutil.Discard, r)
	return err
}

func (session) Reset()        {}
func (session) Logout() error { return nil }

func main() {
	cert, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	if err != nil {
		panic(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	for _, addr := range []string{":587", ":465"} {
		s := smtp.NewServer(backend{})
		s.Addr = addr
		s.Domain = "mx.example.jp"
		s.MaxMessageBytes = 30000
		s.MaxRecipients = 2
		s.TLSConfig = config
		if addr == ":465" {
			go s.ListenAndServeTLS()
		} else {
			go s.ListenAndServe()
		}
	}
	select {}
}
