"""Serves a model over HTTP on 127.0.0.1: OpenAI chat completions and Responses, Anthropic messages.

usage: serve_model.py MODEL NAME PORT

llama.cpp's own server does the work, on a port of its own choice. It knows `tool_choice` only as a
string, whereas OpenAI's clients name the function that must be called, so a small proxy stands in
front of it that says the same thing in llama.cpp's words and passes all else on as it is.
"""

import http.client
import http.server
import json
import signal
import sys
import threading
import urllib.parse

import xllamacpp

CONTEXT_TOKENS = 8192
PARALLEL_REQUESTS = 2
# More threads than idle cores make llama.cpp spin, and ten times slower; one is fast enough.
THREADS = 1

OPENAI_WIRES = ("/chat/completions", "/responses")
# Meant for one hop only, or set anew by the proxy.
HOP_HEADERS = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
UPSTREAM_TIMEOUT_SECONDS = 600


def start_llama(model, name):
    """Loads the model and starts llama.cpp's server; returns the server."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.model_alias = {name}
    parameters.hostnames, parameters.port, parameters.ui = ["127.0.0.1"], 0, False
    parameters.n_ctx, parameters.n_parallel = CONTEXT_TOKENS, PARALLEL_REQUESTS
    parameters.cpuparams.n_threads = THREADS
    parameters.cpuparams_batch.n_threads = THREADS
    parameters.use_jinja = True
    parameters.warmup = False
    # A request without a temperature gets the likeliest answer, so that runs can be compared.
    parameters.sampling.temp = 0.0
    return xllamacpp.Server(parameters)


def in_llama_words(body):
    """Puts a `tool_choice` that names a function as: required, of this one tool."""
    try:
        request = json.loads(body)
        choice = request["tool_choice"]
        # The Responses wire has what is inside of `function` beside the type.
        name = choice.get("function", choice)["name"]
        named = [tool for tool in request["tools"] if tool.get("function", tool)["name"] == name]
    except (ValueError, KeyError, TypeError, AttributeError):
        return body  # No such choice, or a faulty request, which llama.cpp is to judge.
    if not named:
        return body
    return json.dumps(request | {"tools": named, "tool_choice": "required"}).encode()


class Front(http.server.BaseHTTPRequestHandler):
    """Passes each request on to llama.cpp, and the answer back piece by piece."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # Head and body leave together: two small packets would wait for each other.
    upstream = ("127.0.0.1", 0)

    def do_GET(self):
        self.forward(None)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if urllib.parse.urlsplit(self.path).path.endswith(OPENAI_WIRES):
            body = in_llama_words(body)
        self.forward(body)

    def forward(self, body):
        connection = http.client.HTTPConnection(*self.upstream, timeout=UPSTREAM_TIMEOUT_SECONDS)
        try:
            connection.request(self.command, self.path, body, self.passed_on(self.headers))
            self.answer(connection.getresponse())
        finally:
            connection.close()

    def answer(self, response):
        self.send_response_only(response.status, response.reason)
        for name, value in self.passed_on(response.headers).items():
            self.send_header(name, value)
        if response.length is None:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            while piece := response.read1():
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(response.length))
            self.end_headers()
            self.wfile.write(response.read())
        self.wfile.flush()

    @staticmethod
    def passed_on(headers):
        return {name: value for name, value in headers.items() if name.lower() not in HOP_HEADERS}


class FrontServer(http.server.ThreadingHTTPServer):
    request_queue_size = 128


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model, name, port = sys.argv[1:]
    llama = start_llama(model, name)
    address = urllib.parse.urlsplit(llama.listening_address)
    Front.upstream = (address.hostname, address.port)
    front = FrontServer(("127.0.0.1", int(port)), Front)
    threading.Thread(target=front.serve_forever, daemon=True).start()
    print(f"serving {name} on http://127.0.0.1:{port}", flush=True)
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
