# Buckets whose new objects become media by themselves: docs/imports.md. Cloud Storage writes to the topic, and Pub/Sub
# pushes to the worker. Their access is in imports.tf.

variable "import_new_objects" {
  description = "Which new objects of which buckets become media by themselves. prefix: how their names begin. owner: the id of the user whose media they are; without it, {owner} in the prefix, users/{owner}/, stands for a folder whose name is that id. project: that of the bucket, if it is another one. Of several entries the one with the longest prefix counts."
  type = list(object({
    bucket   = string
    prefix   = optional(string, "")
    owner    = optional(string)
    project  = optional(string)
    in_place = optional(bool, false)
    analyze  = optional(bool, true)
    analyses = optional(list(string))
    language = optional(string, "en")
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for rule in var.import_new_objects : can(regex("^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$", rule.bucket))])
    error_message = "bucket, in each entry of import_new_objects, must be the name of a bucket, without gs:// and without a folder: shop-photos."
  }

  validation {
    condition     = length(setintersection(var.import_new_objects[*].bucket, ["${var.project_id}-media-staging", "${var.project_id}-media", "${var.project_id}-media-source"])) == 0
    error_message = "import_new_objects must not have the buckets of this service: what it stores would be imported again."
  }

  validation {
    condition     = alltrue([for rule in var.import_new_objects : can(regex("^(([^{}\r\n]*/)?[{]owner[}]/)?[^{}\r\n]*$", rule.prefix))])
    error_message = "prefix, in each entry of import_new_objects, is text in which {owner} may stand once in place of a folder: users/{owner}/."
  }

  validation {
    condition     = alltrue([for rule in var.import_new_objects : strcontains(rule.prefix, "{owner}") == (rule.owner == null)])
    error_message = "Each entry of import_new_objects must say whose media they are: by owner, or by {owner} in its prefix, and not by both."
  }

  validation {
    condition     = alltrue([for rule in var.import_new_objects : rule.owner == null || can(regex("^[!-~]{1,255}$", rule.owner))])
    error_message = "owner in import_new_objects must be the id of a user: 1 to 255 letters, digits and signs without blanks."
  }

  validation {
    condition     = alltrue([for rule in var.import_new_objects : can(regex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", rule.language))])
    error_message = "language, in each entry of import_new_objects, must be a language tag such as en or ja."
  }

  validation {
    condition     = alltrue([for rule in var.import_new_objects : rule.analyze || rule.analyses == null])
    error_message = "analyses in import_new_objects: none can be made if analyze is false."
  }

  validation {
    condition     = length(distinct([for rule in var.import_new_objects : "${rule.bucket}/${rule.prefix}"])) == length(var.import_new_objects)
    error_message = "import_new_objects must have each bucket and prefix once."
  }

  # https://cloud.google.com/storage/docs/pubsub-notifications#notification-configs
  validation {
    condition     = alltrue([for bucket in distinct(var.import_new_objects[*].bucket) : length(distinct([for rule in var.import_new_objects : split("{owner}", rule.prefix)[0] if rule.bucket == bucket])) <= 10])
    error_message = "import_new_objects may have ten prefixes of one bucket: Cloud Storage tells of new objects ten times at most."
  }
}

locals {
  # Whoever names a bucket here means that it may be read.
  import_buckets = distinct(concat(var.import_buckets, var.import_new_objects[*].bucket))
  arrivals       = length(var.import_new_objects) > 0 ? 1 : 0

  # What a notification can be limited to: the prefix up to the owner.
  arrival_notifications = {
    for place in distinct([for rule in var.import_new_objects : { bucket = rule.bucket, prefix = split("{owner}", rule.prefix)[0] }]) :
    "${place.bucket}/${place.prefix}" => place
  }

  # What functions/features/imports/arrival-rules.ts reads. What is not said is left out.
  arrival_rules = [for rule in var.import_new_objects : { for name, value in rule : name => value if name != "project" && value != null }]
}

resource "google_pubsub_topic" "arrivals" {
  count = local.arrivals

  name = "media-arrivals"

  # Where all else of the media is kept. A message has the names of files.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [time_sleep.services_known]
}

# Each project has one account as which Cloud Storage writes. Asking for it makes it. It does not wait for the APIs: whenever
# one more was enabled, the account would be known only during the apply, and its grant be made anew. Cloud Storage is on in
# every project.
data "google_storage_project_service_account" "arrivals" {
  for_each = toset([for rule in var.import_new_objects : coalesce(rule.project, var.project_id)])

  project = each.value
}

resource "google_pubsub_topic_iam_member" "storage_tells" {
  for_each = data.google_storage_project_service_account.arrivals

  topic  = google_pubsub_topic.arrivals[0].name
  role   = "roles/pubsub.publisher"
  member = each.value.member
}

resource "google_storage_notification" "arrivals" {
  for_each = local.arrival_notifications

  bucket             = each.value.bucket
  topic              = google_pubsub_topic.arrivals[0].id
  payload_format     = "JSON_API_V1"
  event_types        = ["OBJECT_FINALIZE"]
  object_name_prefix = each.value.prefix == "" ? null : each.value.prefix

  # Cloud Storage writes a message to the topic before it accepts the wish. Nothing is told before somebody hears it.
  depends_on = [google_pubsub_topic_iam_member.storage_tells, google_pubsub_subscription.arrivals]
}

# Pub/Sub calls the worker as the account of the queues. A message is kept for 31 days, the longest time that there is: the
# worker takes none of an owner whose day is used up.
resource "google_pubsub_subscription" "arrivals" {
  count = local.arrivals

  name                       = "media-arrivals"
  topic                      = google_pubsub_topic.arrivals[0].id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"

  push_config {
    push_endpoint = "${local.worker_url}/tasks/arrival"

    oidc_token {
      service_account_email = google_service_account.tasks.email
      audience              = local.worker_url
    }
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "600s"
  }

  # Never: else it is deleted after 31 days without a new object.
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_binding.tasks_call_worker, google_cloudfunctions2_function.worker]
}
