# The api: an HTTP function that accepts media and reports their state.

variable "api_capacity" {
  description = "Instances of the api: CPU and memory of each, requests that one handles at once, and the lowest and highest number of instances."
  type = object({
    cpu           = optional(string, "1")
    memory        = optional(string, "512Mi")
    concurrency   = optional(number, 40)
    min_instances = optional(number, 0)
    max_instances = optional(number, 20)
  })
  default = {}
}

locals {
  # The variables that functions/api/config.ts reads, by the same names. A value that is null or empty
  # is left out.
  api_environment = {
    LOG_LEVEL                   = var.log_level
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint

    GOOGLE_CLOUD_PROJECT = var.project_id
    FIRESTORE_DATABASE   = google_firestore_database.media.name
    FIRESTORE_ANSWER_S   = var.firestore_answer_s

    AUTH_ISSUER     = local.auth_issuer
    AUTH_AUDIENCE   = local.auth_audience
    AUTH_JWKS_URL   = var.auth_jwks_url
    ALLOWED_ORIGINS = join(",", local.api_origins)

    TASKS_LOCATION        = var.region
    UPLOAD_QUEUE          = google_cloud_tasks_queue.upload.name
    ANALYZE_QUEUE         = google_cloud_tasks_queue.analyze.name
    FLEX_QUEUE            = google_cloud_tasks_queue.flex.name
    WEBHOOK_QUEUE         = google_cloud_tasks_queue.webhook.name
    SLOW_WEBHOOK_QUEUE    = google_cloud_tasks_queue.slow_webhook.name
    DELIVERY_TIMEOUT_S    = var.worker_timeout_s
    FLEX_TIMEOUT_S        = var.flex_timeout_s
    WORKER_URL            = local.worker_url
    TASKS_SERVICE_ACCOUNT = google_service_account.tasks.email
    MAX_QUEUED_PER_OWNER  = var.max_queued_per_owner
    REANALYSIS_IN_FLIGHT  = var.reanalysis_in_flight

    STAGING_BUCKET = google_storage_bucket.staging.name
    MEDIA_BUCKET   = google_storage_bucket.media.name

    MAX_FILES             = var.max_files
    MAX_FILE_BYTES        = var.max_file_bytes
    MAX_REQUEST_BYTES     = var.max_request_bytes
    BODY_STALL_S          = var.body_stall_s
    BODY_TOTAL_S          = var.body_total_s
    MAX_UPLOAD_BYTES      = var.max_upload_bytes
    MAX_UPLOADS_IN_FLIGHT = var.max_uploads_in_flight
    MAX_ANNOUNCED         = var.max_announced
    MAX_BYTES_PER_DAY     = var.max_bytes_per_day
    MAX_FILES_PER_DAY     = var.max_files_per_day
    SIGNED_URL_TTL_S      = var.signed_url_ttl_s
    EVENTS_TOPIC          = local.worker_environment.EVENTS_TOPIC
    IMPORT_BUCKETS        = join(",", local.import_buckets)

    MODERATION = var.moderation

    # Which analyses are offered depends on it.
    ANALYSIS_MODEL = var.analysis_model
    # A reanalysis may ask one of these.
    MODEL_FALLBACK = var.model_fallback

    # What is searched for is compared with vectors of the worker.
    EMBEDDING_MODEL       = var.embedding_model
    GEMINI_BASE_URL       = var.gemini_base_url
    MAX_USD_PER_DAY       = var.max_usd_per_day
    MAX_OWNER_USD_PER_DAY = local.owner_usd_per_day

    # Which tiers are offered depends on these.
    OPENAI_BASE_URL = var.openai_base_url
    OPENAI_FLEX     = var.openai_flex
    VERTEX_LOCATION = var.vertex_location

    BODY_MIN_BYTES_PER_MINUTE = var.body_min_bytes_per_minute
    MAX_UPLOADS_PER_INSTANCE  = var.max_uploads_per_instance
  }
}

data "archive_file" "api" {
  type        = "zip"
  source_dir  = "${path.module}/../dist/api"
  output_path = "${path.module}/.build/api.zip"
}

# The name has the hash of the content, so a new build replaces the object and the function is deployed
# again.
resource "google_storage_bucket_object" "api" {
  bucket = google_storage_bucket.source.name
  name   = "api-${data.archive_file.api.output_sha256}.zip"
  source = data.archive_file.api.output_path

  # Create the new object first: the function uses the old one until its update.
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_cloudfunctions2_function" "api" {
  name        = local.service_names.api
  location    = var.region
  description = "Accepts media, reports their state, retries and removes them"

  build_config {
    runtime           = "nodejs24"
    entry_point       = "api"
    service_account   = google_service_account.build.name
    docker_repository = google_artifact_registry_repository.media.id

    # A new Node.js comes with a release and not by itself: the code cache of the bundle is for one version.
    on_deploy_update_policy {}

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.api.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.api.email
    ingress_settings                 = local.has_domain ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL"
    available_cpu                    = var.api_capacity.cpu
    available_memory                 = var.api_capacity.memory
    max_instance_request_concurrency = var.api_capacity.concurrency
    min_instance_count               = var.api_capacity.min_instances
    max_instance_count               = var.api_capacity.max_instances
    # A request whose body took the whole allowed time still gets its answer.
    timeout_seconds = var.body_total_s + 30

    environment_variables = merge(
      local.process_environment,
      { for name, value in local.api_environment : name => value if value != null && value != "" },
    )

    dynamic "secret_environment_variables" {
      for_each = local.embeds_by_gemini ? ["GEMINI_API_KEY"] : []
      content {
        key        = secret_environment_variables.value
        project_id = var.project_id
        secret     = google_secret_manager_secret.gemini_api_key.secret_id
        version    = var.gemini_key_version
      }
    }
  }

  depends_on = [
    time_sleep.build_may_build,
    google_firestore_index.media,
    google_project_iam_member.api_firestore,
    google_storage_bucket_iam_member.api_staging,
    google_storage_bucket_iam_member.api_media,
    google_storage_bucket_iam_member.api_imports,
    google_cloud_tasks_queue_iam_member.api_enqueues,
    google_cloud_tasks_queue_iam_member.api_cancels,
    google_secret_manager_secret_iam_member.api_gemini_key,
  ]
}
