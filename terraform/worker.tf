# The worker: an HTTP function that only Cloud Tasks and Cloud Scheduler may call.

variable "worker_capacity" {
  description = "Instances of the worker: CPU and memory of each, deliveries that one handles at once, and the lowest and highest number of instances. A decoded photo of 100 megapixels takes 400 MB."
  type = object({
    cpu           = optional(string, "1")
    memory        = optional(string, "2Gi")
    concurrency   = optional(number, 2)
    min_instances = optional(number, 0)
    max_instances = optional(number, 20)
  })
  default = {}

  validation {
    condition     = var.worker_capacity.concurrency * var.worker_capacity.max_instances >= var.max_concurrent_uploads + var.max_concurrent_dispatches + var.max_concurrent_flex + var.max_concurrent_webhooks + var.max_concurrent_slow_webhooks
    error_message = "concurrency × max_instances must be at least max_concurrent_uploads + max_concurrent_dispatches + max_concurrent_flex + max_concurrent_webhooks + max_concurrent_slow_webhooks: the queues send that many deliveries, and Cloud Run refuses what has no place."
  }
}

variable "worker_timeout_s" {
  description = "Seconds after which Cloud Tasks gives a delivery up and sends it again, and Cloud Scheduler a sweep; in the tier flex it is flex_timeout_s."
  type        = number
  default     = 300

  validation {
    condition     = var.worker_timeout_s > var.delivery_budget_s && var.worker_timeout_s >= 15 && var.worker_timeout_s <= var.flex_timeout_s && floor(var.worker_timeout_s) == var.worker_timeout_s
    error_message = "worker_timeout_s must be a whole number, above delivery_budget_s, so that a delivery has time to release its lease, at least 15 (Cloud Scheduler accepts no less) and at most flex_timeout_s."
  }
}

variable "flex_timeout_s" {
  description = "Seconds after which Cloud Run ends a delivery, and Cloud Tasks gives one of the tier flex up. A call to a model may take a quarter of an hour there."
  type        = number
  default     = 1080

  validation {
    condition     = var.flex_timeout_s >= 1020 && var.flex_timeout_s <= 1800 && floor(var.flex_timeout_s) == var.flex_timeout_s
    error_message = "flex_timeout_s must be a whole number, at least 1020, so that a call of 15 minutes fits in, and at most 1800, as long as Cloud Tasks waits."
  }
}

variable "worker_url" {
  description = "The worker's run.app address. Empty: the address that Cloud Run derives from the project and the region."
  type        = string
  default     = ""

  validation {
    condition     = var.worker_url == "" || can(regex("^https://[a-z0-9.-]+[.]run[.]app$", var.worker_url))
    error_message = "worker_url must be a run.app address without a slash at the end. Tasks count as internal traffic only there."
  }
}

locals {
  models           = concat([var.analysis_model], [for name in compact(split(",", var.model_fallback)) : trimspace(name)])
  embeds_by_gemini = startswith(var.embedding_model, "googleai/")
  uses_gemini_key  = anytrue([for model in concat(local.models, [var.embedding_model]) : startswith(model, "googleai/")])
  uses_openai_key  = anytrue([for model in local.models : startswith(model, "openai/")])
  uses_vertex      = anytrue([for model in local.models : startswith(model, "vertexai/")])

  # The worker must know its own address, but the resource that creates the worker cannot read it from
  # itself.
  worker_url = coalesce(var.worker_url, local.service_urls.worker)

  # The variables that functions/worker/config.ts reads, by the same names. A value that is null or empty
  # is left out. GEMINI_API_KEY and OPENAI_API_KEY come from Secret Manager, below.
  worker_environment = {
    LOG_LEVEL                   = var.log_level
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint

    GOOGLE_CLOUD_PROJECT = var.project_id
    FIRESTORE_DATABASE   = google_firestore_database.media.name
    FIRESTORE_ANSWER_S   = var.firestore_answer_s

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
    TASKS_ISSUER          = "https://accounts.google.com"
    TASKS_JWKS_URL        = "https://www.googleapis.com/oauth2/v3/certs"
    # Cloud Run verifies the signature and removes it before the worker sees the token. The worker may
    # rely on that because of two settings: its ingress (below) and its only invoker (access.tf).
    TASKS_AUTH = "platform"

    STAGING_BUCKET = google_storage_bucket.staging.name
    MEDIA_BUCKET   = google_storage_bucket.media.name

    ANALYSIS_MODEL    = var.analysis_model
    MODEL_FALLBACK    = var.model_fallback
    EMBEDDING_MODEL   = var.embedding_model
    GEMINI_BASE_URL   = var.gemini_base_url
    OPENAI_BASE_URL   = var.openai_base_url
    OPENAI_PRICE      = var.openai_price
    OPENAI_FLEX       = var.openai_flex
    CALL_TIMEOUT_S    = var.call_timeout_s
    VERTEX_LOCATION   = var.vertex_location
    CAPTURE_LOCATION  = var.capture_location
    PREVIEW_MAX_SIDE  = var.preview_max_side
    LEASE_S           = var.lease_s
    SWEEP_QUIET_S     = var.sweep_quiet_s
    MAX_DELIVERIES    = var.max_deliveries
    DELIVERY_BUDGET_S = var.delivery_budget_s

    MAX_UPLOAD_BYTES  = var.max_upload_bytes
    MAX_BYTES_PER_DAY = var.max_bytes_per_day
    MAX_FILES_PER_DAY = var.max_files_per_day
    IMPORT_BUCKETS    = join(",", local.import_buckets)

    IMPORT_NEW_OBJECTS = local.arrivals == 0 ? "" : jsonencode(local.arrival_rules)

    MODERATION = var.moderation

    # Its id is not known before it is made, and a variable that is not known yet makes the provider fail in the middle
    # of an apply ("inconsistent final plan") where the worker is there already.
    EVENTS_TOPIC = one([for topic in google_pubsub_topic.events : "projects/${var.project_id}/topics/${topic.name}"])

    MAX_PAID_CALLS        = var.max_paid_calls
    MAX_VIDEO_S           = var.max_video_s
    MAX_USD_PER_DAY       = var.max_usd_per_day
    MAX_OWNER_USD_PER_DAY = local.owner_usd_per_day
  }
}

data "archive_file" "worker" {
  type        = "zip"
  source_dir  = "${path.module}/../dist/worker"
  output_path = "${path.module}/.build/worker.zip"
}

resource "google_storage_bucket_object" "worker" {
  bucket = google_storage_bucket.source.name
  name   = "worker-${data.archive_file.worker.output_sha256}.zip"
  source = data.archive_file.worker.output_path

  # Create the new object first: the function uses the old one until its update.
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_cloudfunctions2_function" "worker" {
  name        = local.service_names.worker
  location    = var.region
  description = "Stores and analyses media, one delivery of Cloud Tasks at a time"

  build_config {
    runtime           = "nodejs24"
    entry_point       = "worker"
    service_account   = google_service_account.build.name
    docker_repository = google_artifact_registry_repository.media.id

    # A new Node.js comes with a release and not by itself: the code cache of the bundle is for one version.
    on_deploy_update_policy {}

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.worker.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.worker.email
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    available_cpu                    = var.worker_capacity.cpu
    available_memory                 = var.worker_capacity.memory
    max_instance_request_concurrency = var.worker_capacity.concurrency
    min_instance_count               = var.worker_capacity.min_instances
    max_instance_count               = var.worker_capacity.max_instances
    timeout_seconds                  = var.flex_timeout_s

    environment_variables = merge(
      local.process_environment,
      { for name, value in local.worker_environment : name => value if value != null && value != "" },
    )

    dynamic "secret_environment_variables" {
      for_each = local.uses_gemini_key ? ["GEMINI_API_KEY"] : []
      content {
        key        = secret_environment_variables.value
        project_id = var.project_id
        secret     = google_secret_manager_secret.gemini_api_key.secret_id
        version    = var.gemini_key_version
      }
    }

    dynamic "secret_environment_variables" {
      for_each = local.uses_openai_key ? ["OPENAI_API_KEY"] : []
      content {
        key        = secret_environment_variables.value
        project_id = var.project_id
        secret     = google_secret_manager_secret.openai_api_key.secret_id
        version    = var.openai_key_version
      }
    }
  }

  lifecycle {
    postcondition {
      condition     = self.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"
      error_message = "The worker's ingress must be ALLOW_INTERNAL_ONLY: with TASKS_AUTH=platform it believes the tokens that Cloud Run has checked."
    }
  }

  depends_on = [
    time_sleep.build_may_build,
    google_firestore_index.media,
    google_project_iam_member.worker_firestore,
    google_project_iam_member.worker_vertex,
    google_service_account_iam_member.worker_signs,
    google_secret_manager_secret_iam_member.worker_gemini_key,
    google_secret_manager_secret_iam_member.worker_openai_key,
    google_storage_bucket_iam_member.worker_staging,
    google_storage_bucket_iam_member.worker_media,
    google_storage_bucket_iam_member.worker_imports,
    google_cloud_tasks_queue_iam_member.worker_enqueues,
    google_cloud_tasks_queue_iam_member.worker_looks,
    google_pubsub_topic_iam_member.worker_publishes,
  ]
}
