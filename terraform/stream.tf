# The stream: a Cloud Run service that pushes every change over Server-Sent Events. Without a domain it also serves the
# page.

variable "stream_capacity" {
  description = "Instances of the stream: CPU and memory of each, streams that one holds at once, and the lowest and highest number of instances."
  type = object({
    cpu           = optional(string, "1")
    memory        = optional(string, "512Mi")
    concurrency   = optional(number, 1000)
    min_instances = optional(number, 0)
    max_instances = optional(number, 10)
  })
  default = {}
}

variable "max_streams" {
  description = "Most streams that one owner may have open on one instance."
  type        = number
  default     = 50

  # One owner must not hold all places of an instance.
  validation {
    condition     = var.max_streams >= 1 && var.max_streams <= max(1, floor(var.stream_capacity.concurrency / 4)) && floor(var.max_streams) == var.max_streams
    error_message = "max_streams must be a whole number, at least 1 and at most a quarter of stream_capacity.concurrency."
  }
}

variable "max_streams_per_instance" {
  description = "Most streams that all owners may have open on one instance. Its other places stay free, for example for /health."
  type        = number
  default     = 950

  validation {
    condition     = var.max_streams_per_instance >= 1 && var.max_streams_per_instance <= max(1, floor(var.stream_capacity.concurrency * 0.95)) && floor(var.max_streams_per_instance) == var.max_streams_per_instance
    error_message = "max_streams_per_instance must be a whole number, at least 1 and at most 95 % of stream_capacity.concurrency."
  }
}

variable "heartbeat_s" {
  description = "Seconds between the heartbeats (SSE comments) that keep a silent stream open."
  type        = number
  default     = 15

  validation {
    condition     = var.heartbeat_s >= 1 && var.heartbeat_s <= 60 && floor(var.heartbeat_s) == var.heartbeat_s
    error_message = "heartbeat_s must be a whole number, 1 to 60: proxies close a connection that is silent for longer."
  }
}

variable "max_stream_s" {
  description = "Seconds after which the service ends a stream. The client then reconnects before Cloud Run cuts the connection."
  type        = number
  default     = 3300

  validation {
    condition     = var.max_stream_s >= 1 && var.max_stream_s < 3600 && floor(var.max_stream_s) == var.max_stream_s
    error_message = "max_stream_s must be a whole number, at least 1 and below the 3600 s that Cloud Run allows for a request."
  }
}

locals {
  # The variables that functions/stream/config.ts reads, by the same names. A value that is null or empty
  # is left out. PORT is reserved: Cloud Run sets it to the container's port.
  stream_environment = {
    LOG_LEVEL                   = var.log_level
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint

    GOOGLE_CLOUD_PROJECT = var.project_id
    FIRESTORE_DATABASE   = google_firestore_database.media.name
    FIRESTORE_ANSWER_S   = var.firestore_answer_s

    AUTH_ISSUER     = local.auth_issuer
    AUTH_AUDIENCE   = local.auth_audience
    AUTH_JWKS_URL   = var.auth_jwks_url
    ALLOWED_ORIGINS = join(",", var.allowed_origins)

    MODERATION = var.moderation

    MAX_STREAMS_PER_INSTANCE = var.max_streams_per_instance

    MAX_STREAMS  = var.max_streams
    HEARTBEAT_S  = var.heartbeat_s
    MAX_STREAM_S = var.max_stream_s

    PAGE_CONFIG = local.has_domain ? "" : local.page_config
  }
}

resource "google_cloud_run_v2_service" "stream" {
  name        = local.service_names.stream
  location    = var.region
  description = "Pushes every change of the media that a caller watches"
  ingress     = local.has_domain ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL"
  # Callers send their own tokens, which the code checks. IAM would refuse those tokens, because it reads the same
  # header. Unlike a grant to allUsers, this also works where an organisation forbids such grants:
  # https://cloud.google.com/run/docs/authenticating/public
  invoker_iam_disabled = true
  # The service stores nothing, so a replacement loses nothing.
  deletion_protection = false

  template {
    service_account                  = google_service_account.stream.email
    timeout                          = "3600s"
    max_instance_request_concurrency = var.stream_capacity.concurrency
    # If two streams of one owner reach the same instance, they share a listener.
    session_affinity = true

    scaling {
      min_instance_count = var.stream_capacity.min_instances
      max_instance_count = var.stream_capacity.max_instances
    }

    containers {
      image = var.stream_image

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = var.stream_capacity.cpu
          memory = var.stream_capacity.memory
        }
        # Cloud Run gives CPU only during requests. An open stream is a request.
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(
          local.process_environment,
          { for name, value in local.stream_environment : name => value if value != null && value != "" },
        )
        content {
          name  = env.key
          value = env.value
        }
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 30
        http_get {
          path = "/health"
        }
      }

      liveness_probe {
        period_seconds    = 15
        timeout_seconds   = 5
        failure_threshold = 3
        http_get {
          path = "/health"
        }
      }
    }
  }

  depends_on = [
    time_sleep.services_known,
    google_firestore_index.media,
    google_project_iam_member.stream_firestore,
  ]
}
