# The topic that gets each event, for services in the same cloud: docs/webhooks.md. Its subscriptions are their readers' own.

variable "events_topic" {
  description = "Name of a Pub/Sub topic that is made and gets each event as a CloudEvent, of all users' media. Empty: none. With another name there is another topic, and the subscriptions of the old one get nothing more."
  type        = string
  default     = ""

  validation {
    condition     = var.events_topic == "" || can(regex("^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$", var.events_topic)) && !startswith(var.events_topic, "goog") && var.events_topic != "media-releases"
    error_message = "events_topic must be empty, or the name of a topic: 3 to 255 letters, digits and the signs -._~+%, which begins with a letter and not with goog. media-releases is the pipeline's."
  }
}

resource "google_pubsub_topic" "events" {
  count = var.events_topic == "" ? 0 : 1

  name = var.events_topic

  # Where all else of the media is kept. A reader gets the events of one media in their order if they stay in one region.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  # The worker has the new topic before the old one is deleted.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.services_known]
}

resource "google_pubsub_topic_iam_member" "worker_publishes" {
  count = var.events_topic == "" ? 0 : 1

  topic  = google_pubsub_topic.events[0].name
  role   = "roles/pubsub.publisher"
  member = google_service_account.worker.member

  lifecycle {
    create_before_destroy = true
  }
}
