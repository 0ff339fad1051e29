variable "sweep_schedule" {
  description = "When the sweeper looks for media that nobody works on, as a cron line (UTC)."
  type        = string
  default     = "*/5 * * * *"

  validation {
    condition     = can(regex("^(\\S+ ){4}\\S+$", var.sweep_schedule))
    error_message = "Five fields, as in */5 * * * *."
  }
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = "media-sweep"
  region           = var.region
  description      = "Puts media on their queue again that nobody works on"
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

  # The next run does what this one could not.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_binding.tasks_call_worker]
}
