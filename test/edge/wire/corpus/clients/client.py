"""A handshake by Python's ssl module: client.py PORT [SERVER_NAME [PROTOCOL,...]]"""

import socket
import ssl
import sys

port = int(sys.argv[1])
name = sys.argv[2] if len(sys.argv) > 2 else None
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
if len(sys.argv) > 3:
    context.set_alpn_protocols(sys.argv[3].split(","))
with socket.create_connection(("127.0.0.1", port)) as plain:
    with context.wrap_socket(plain, server_hostname=name) as secure:
        secure.recv(1)
