"""Sends a photo for a user, and prints what came of it once a webhook says that it is done."""
import base64, hmac, json, mimetypes, os, pathlib, sys, time, urllib.request, uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

URL, KEY, SECRET = (os.environ[name] for name in ("MEDIA_URL", "MEDIA_KEY", "MEDIA_SECRET"))
told = {}  # by webhook-id: a message may come more than once

def call(path, user, body=None, type="application/json"):
    headers = {"Authorization": f"Bearer {KEY}", "X-On-Behalf-Of": user, "Content-Type": type}
    return json.load(urllib.request.urlopen(urllib.request.Request(URL + path, body, headers)))

def send(photo, user, callback_url):
    line, name, type = uuid.uuid4().hex, photo.name.replace('"', "%22"), mimetypes.guess_type(photo.name)[0]
    part = f"--{line}\r\nContent-Disposition: form-data; name="
    head = f'{part}"callback_url"\r\n\r\n{callback_url}\r\n{part}"files"; filename="{name}"\r\nContent-Type: {type}\r\n\r\n'
    body = head.encode() + photo.read_bytes() + f"\r\n--{line}--\r\n".encode()
    return call("/api/agent/analyze-media", user, body, f"multipart/form-data; boundary={line}")

def is_genuine(id, at, signatures, body):
    key, text = base64.b64decode(SECRET.removeprefix("whsec_")), f"{id}.{at}.".encode() + body
    wanted = b"v1," + base64.b64encode(hmac.digest(key, text, "sha256"))
    return any(hmac.compare_digest(each.encode(), wanted) for each in signatures.split()) and abs(time.time() - int(at)) < 300

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        id, at, signatures = (self.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if genuine := is_genuine(id, at, signatures, body): told[id] = json.loads(body)
        self.send_response(204 if genuine else 401)
        self.end_headers()

with HTTPServer(("127.0.0.1", 0), Receiver) as server:
    sent = send(pathlib.Path(sys.argv[1]), "alice", f"http://127.0.0.1:{server.server_port}/hooks")
    if sent["rejected"]: sys.exit(f"Not taken: {sent['rejected']}")
    while not any(each["type"] in ("media.completed", "media.failed") for each in told.values()):
        server.handle_request()
print(json.dumps(call(f"/api/media/{sent['media_ids'][0]}", "alice"), indent=2, ensure_ascii=False))
