// A handshake by Go's crypto/tls: client.go PORT [SERVER_NAME [PROTOCOL,...]]
package main

import (
	"crypto/tls"
	"os"
	"strings"
)

func main() {
	config := &tls.Config{InsecureSkipVerify: true}
	if len(os.Args) > 2 {
		config.ServerName = os.Args[2]
	}
	if len(os.Args) > 3 {
		config.NextProtos = strings.Split(os.Args[3], ",")
	}
	connection, err := tls.Dial("tcp", "127.0.0.1:"+os.Args[1], config)
	if err != nil {
		panic(err)
	}
	defer connection.Close()
	connection.Read(make([]byte, 1))
}
