# The api: an HTTP function that takes media in and tells how they stand.

variable "api_capacity" {
  description = "Instances of the api: their CPU and memory, how many requests each takes at once, how many there may be."
  type = object({
    cpu           = optional(string, "1")
    memory        = optional(string, "512Mi")
    concurrency   = optional(number, 40)
    min_instances = optional(number, 0)
    max_instances = optional(number, 20)
  })
  default = {}

  validation {
    condition     = var.api_capacity.concurrency == 1 || tonumber(var.api_capacity.cpu) >= 1
    error_message = "More than one request at a time needs a whole CPU: https://cloud.google.com/run/docs/about-concurrency"
  }

  validation {
    condition     = var.api_capacity.min_instances >= 0 && var.api_capacity.min_instances <= var.api_capacity.max_instances
    error_message = "min_instances is between 0 and max_instances."
  }
}

variable "auth_issuer" {
  description = "Who issues the callers' tokens; empty: Identity Platform of this project."
  type        = string
  default     = ""
}

variable "auth_audience" {
  description = "The audience of the callers' tokens; empty: this project."
  type        = string
  default     = ""
}

variable "auth_jwks_url" {
  description = "Where the issuer's public keys are."
  type        = string
  default     = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"

  validation {
    condition     = startswith(var.auth_jwks_url, "https://")
    error_message = "Keys have to come over https."
  }
}

variable "max_files" {
  description = "Files in one request."
  type        = number
  default     = 100

  validation {
    condition     = var.max_files >= 1 && var.max_files <= 100
    error_message = "1 to 100: one commit makes all documents, one stream watches 100."
  }
}

variable "max_file_bytes" {
  description = "Bytes of one file in a request."
  type        = number
  default     = 32505856 # 31 MiB

  validation {
    condition     = var.max_file_bytes >= 1 && var.max_file_bytes <= var.max_request_bytes
    error_message = "At most max_request_bytes."
  }
}

variable "max_request_bytes" {
  description = "Bytes of one request."
  type        = number
  default     = 33554432 # 32 MiB

  validation {
    condition     = var.max_request_bytes >= 1 && var.max_request_bytes <= 33554432
    error_message = "Cloud Run takes 32 MiB a request: https://cloud.google.com/run/quotas"
  }
}

variable "body_stall_s" {
  description = "Seconds without a byte after which a request that is being sent is ended."
  type        = number
  default     = 30

  validation {
    condition     = var.body_stall_s >= 1
    error_message = "At least a second."
  }
}

variable "body_total_s" {
  description = "Seconds that a whole request may take to arrive."
  type        = number
  default     = 300

  validation {
    condition     = var.body_total_s >= 1 && var.body_total_s <= 300
    error_message = "1 to 300."
  }
}

variable "max_uploads_in_flight" {
  description = "Requests with files that one owner may have open on one instance."
  type        = number
  default     = 50

  validation {
    condition     = var.max_uploads_in_flight >= 1
    error_message = "At least one."
  }
}

variable "max_bytes_per_day" {
  description = "Bytes that one owner may send in a day, over all instances."
  type        = number
  default     = 10737418240 # 10 GiB

  validation {
    condition     = var.max_bytes_per_day >= 1
    error_message = "At least one."
  }
}

variable "signed_url_ttl_s" {
  description = "Seconds that a signed URL works for whoever has it."
  type        = number
  default     = 900

  validation {
    condition     = var.signed_url_ttl_s >= 1 && var.signed_url_ttl_s <= 604800
    error_message = "At most seven days: https://cloud.google.com/storage/docs/access-control/signed-urls"
  }
}

locals {
  # What functions/cloud/config.ts reads, by its names. What is null or empty is left out.
  api_environment = {
    LOG_LEVEL                   = var.log_level
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint

    GOOGLE_CLOUD_PROJECT = var.project_id
    FIRESTORE_DATABASE   = google_firestore_database.media.name

    AUTH_ISSUER     = local.auth_issuer
    AUTH_AUDIENCE   = local.auth_audience
    AUTH_JWKS_URL   = var.auth_jwks_url
    ALLOWED_ORIGINS = join(",", var.allowed_origins)

    TASKS_LOCATION        = var.region
    UPLOAD_QUEUE          = google_cloud_tasks_queue.upload.name
    ANALYZE_QUEUE         = google_cloud_tasks_queue.analyze.name
    WORKER_URL            = local.worker_url
    TASKS_SERVICE_ACCOUNT = google_service_account.tasks.email

    STAGING_BUCKET = google_storage_bucket.staging.name
    MEDIA_BUCKET   = google_storage_bucket.media.name

    MAX_FILES             = var.max_files
    MAX_FILE_BYTES        = var.max_file_bytes
    MAX_REQUEST_BYTES     = var.max_request_bytes
    BODY_STALL_S          = var.body_stall_s
    BODY_TOTAL_S          = var.body_total_s
    MAX_UPLOADS_IN_FLIGHT = var.max_uploads_in_flight
    MAX_BYTES_PER_DAY     = var.max_bytes_per_day
    SIGNED_URL_TTL_S      = var.signed_url_ttl_s
  }
}

data "archive_file" "api" {
  type        = "zip"
  source_dir  = "${path.module}/../dist/api"
  output_path = "${path.module}/.build/api.zip"
}

# The hash in the name is what rolls a new build out.
resource "google_storage_bucket_object" "api" {
  bucket = google_storage_bucket.source.name
  name   = "api-${data.archive_file.api.output_sha256}.zip"
  source = data.archive_file.api.output_path

  # The function points at the old one until it has the new one.
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_cloudfunctions2_function" "api" {
  name        = "media-api"
  location    = var.region
  description = "Takes media in, tells how they stand, retries and removes them"

  build_config {
    runtime           = "nodejs24"
    entry_point       = "api"
    service_account   = google_service_account.build.name
    docker_repository = google_artifact_registry_repository.media.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.api.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.api.email
    ingress_settings                 = "ALLOW_INTERNAL_AND_GCLB"
    available_cpu                    = var.api_capacity.cpu
    available_memory                 = var.api_capacity.memory
    max_instance_request_concurrency = var.api_capacity.concurrency
    min_instance_count               = var.api_capacity.min_instances
    max_instance_count               = var.api_capacity.max_instances
    # A request that took all its time to arrive is still answered.
    timeout_seconds = var.body_total_s + 30

    environment_variables = merge(
      local.process_environment,
      { for name, value in local.api_environment : name => value if value != null && value != "" },
    )
  }

  depends_on = [
    time_sleep.build_may_build,
    google_project_iam_member.api_firestore,
    google_storage_bucket_iam_member.api_staging,
    google_storage_bucket_iam_member.api_media,
  ]
}
