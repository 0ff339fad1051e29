variable "sweep_schedule" {
  description = "When the sweep looks for media whose task was lost, as a cron line (UTC)."
  type        = string
  default     = "*/5 * * * *"

  validation {
    condition     = can(regex("^(\\S+ ){4}\\S+$", var.sweep_schedule))
    error_message = "A cron line has five fields, for example */5 * * * *."
  }
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = "media-sweep"
  region           = var.region
  description      = "Brings back media that no task leads to"
  schedule         = var.sweep_schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "${var.worker_timeout_s}s"

  http_target {
    uri         = "${local.worker_url}/tasks/sweep"
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = google_service_account.tasks.email
      audience              = local.worker_url
    }
  }

  # No retry: the next run catches up.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_binding.tasks_call_worker]
}
