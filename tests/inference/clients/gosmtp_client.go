// SPDX-License-Identifier: BSD-3-Clause
// One mail by Go's net/smtp; the case as JSON in the first argument.
package main

import (
	"crypto/tls"
	"encoding/json"
	"log"
	"net"
	"net/smtp"
	"os"
	"strconv"
	"strings"
)

type mail struct {
	Host, Helo, User, Password, Method, Sender, Version, Suite, Keylog, Mail string
	Port                                                                     int
	Implicit, Early                                                          bool
	To                                                                       []string
	Ciphers                                                                  string
}

var suites = map[string]uint16{
	"ECDHE-RSA-AES256-GCM-SHA384": tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-AES128-GCM-SHA256": tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-CHACHA20-POLY1305": tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-RSA-AES128-SHA":        tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
	"ECDHE-RSA-AES128-SHA256":     tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	"AES256-SHA":                  tls.TLS_RSA_WITH_AES_256_CBC_SHA,
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	var m mail
	must(json.Unmarshal([]byte(os.Args[1]), &m))
	keys, err := os.OpenFile(m.Keylog, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0600)
	must(err)
	config := &tls.Config{InsecureSkipVerify: true, ServerName: "secure.plala.or.jp", KeyLogWriter: keys}
	if m.Version == "1.3" {
		config.MinVersion = tls.VersionTLS13
	} else {
		config.MaxVersion = tls.VersionTLS12
		config.CipherSuites = []uint16{suites[m.Ciphers]}
	}
	addr := net.JoinHostPort(m.Host, strconv.Itoa(m.Port))
	conn, err := net.Dial("tcp", addr)
	must(err)
	if m.Implicit {
		conn = tls.Client(conn, config)
	}
	c, err := smtp.NewClient(conn, "secure.plala.or.jp")
	must(err)
	defer c.Close()
	must(c.Hello(m.Helo))
	if !m.Implicit {
		must(c.StartTLS(config))
	}
	if m.Method == "PLAIN" {
		must(c.Auth(smtp.PlainAuth("", m.User, m.Password, "secure.plala.or.jp")))
	} else if m.Method == "CRAM-MD5" {
		must(c.Auth(smtp.CRAMMD5Auth(m.User, m.Password)))
	}
	if !m.Early {
		must(c.Mail(m.Sender))
		for _, to := range m.To {
			must(c.Rcpt(to))
		}
		w, err := c.Data()
		must(err)
		_, err = w.Write([]byte(strings.ReplaceAll(m.Mail, "\n", "\r\n")))
		must(err)
		must(w.Close())
	}
	must(c.Quit())
}
