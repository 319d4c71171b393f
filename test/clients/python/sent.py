"""The vendors' clients send the definition and the messages to the byte: a
prompt cache lives on that. A server of our own takes their requests."""
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import anthropic
import openai

from store import check, messages, messages_text, references, tool, tool_text


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
options = {"api_key": "none", "base_url": f"http://127.0.0.1:{server.server_port}", "max_retries": 0}
claude = anthropic.Anthropic(**options)
gpt = openai.OpenAI(**options)
SEND = {
    "anthropic": lambda tools, list: claude.messages.create(model="m", max_tokens=1, tools=tools, messages=list),
    "openai": lambda tools, list: gpt.responses.create(model="m", tools=tools, input=list),
    "openai-chat": lambda tools, list: gpt.chat.completions.create(model="m", tools=tools, messages=list),
}

for user in ["alice", "bob"]:
    for format, send in SEND.items():
        @check(f"{user}, {format}: the client sends tool and messages to the byte")
        def _():
            server.body = ""
            send([tool(user, format)], messages(user, format))
            body = json.loads(server.body)
            assert body["tools"] == [tool(user, format)], body
            assert tool_text(user, format) in server.body, server.body
            assert messages_text(user, references(user), format) in server.body, server.body

server.shutdown()
