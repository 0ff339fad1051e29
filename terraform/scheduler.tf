variable "sweep_schedule" {
  description = "When the sweep looks for media whose task was lost, as a cron line (UTC)."
  type        = string
  default     = "*/5 * * * *"

  # Each field is a list of *, N or N-M, each with /STEP if you like.
  validation {
    condition = length(split(" ", var.sweep_schedule)) == 5 && alltrue([
      for i, number in ["[0-5]?[0-9]", "([01]?[0-9]|2[0-3])", "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])", "[0-7]"] :
      alltrue([
        for part in split(",", try(split(" ", var.sweep_schedule)[i], "")) :
        can(regex("^([*]|${number}(-${number})?)(/[1-9][0-9]?)?$", part))
      ])
    ])
    error_message = "A cron line has five fields (minute, hour, day, month, weekday) of numbers, *, lists, ranges and steps, for example */5 * * * *."
  }
}

locals {
  sweep_name = "media-sweep"
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = local.sweep_name
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
