"""The same as photo.ts, with a client that openapi-python-client has made."""
import json, os, pathlib, sys, time
from media_analysis_client import AuthenticatedClient
from media_analysis_client.api.media import edit_media, get_media
from media_analysis_client.api.upload import analyze_media
from media_analysis_client.models import AnalyzeMediaBody, EditMedia, MetadataChange, Problem
from media_analysis_client.types import File

photo = pathlib.Path(sys.argv[1])
api = AuthenticatedClient(
    base_url=os.environ["MEDIA_URL"], token=os.environ["MEDIA_KEY"], headers={"X-On-Behalf-Of": "alice"}
)

def answer_of(response):
    """A refusal has a code for programs, and a detail for a person."""
    if isinstance(response.parsed, Problem):
        sys.exit(f"{response.parsed.code}: {response.parsed.detail}")
    return response.parsed

def send():
    with photo.open("rb") as content:
        form = AnalyzeMediaBody(
            files=[File(content, photo.name)], external_id="order-7", metadata=json.dumps({"order": "7"})
        )
        sent = answer_of(analyze_media.sync_detailed(client=api, body=form))
    if not sent.media_ids:
        sys.exit(f"Not taken: {sent.rejected[0].message}")
    return sent.media_ids[0]

def until_understood(id):
    while True:
        response = get_media.sync_detailed(id, client=api)
        media = answer_of(response)
        if media.status == "failed":
            sys.exit(f"Failed: {media.error_message}")
        if media.status == "completed":
            return media, response.headers["ETag"]
        time.sleep(1)

media, etag = until_understood(send())
print(media.external_id, media.metadata["order"], media.analytics.title)
for shelf in ("B2", "C3"):
    # The second time, the media is no longer what was read: read it again before you decide.
    change = EditMedia(metadata=MetadataChange.from_dict({"shelf": shelf}))
    edited = edit_media.sync(media.id, client=api, body=change, if_match=etag)
    print(f"{edited.status} {edited.code}" if isinstance(edited, Problem) else edited.metadata.to_dict())
