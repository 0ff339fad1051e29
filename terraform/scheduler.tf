variable "sweep_schedule" {
  description = "In which minutes of each hour the sweep looks for media whose task was lost, as a cron line."
  type        = string
  default     = "*/5 * * * *"

  # https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
  validation {
    condition = alltrue([
      for part in split(",", split(" ", var.sweep_schedule)[0]) :
      can(regex("^([0-5]?[0-9]|([*]|[0-5]?[0-9]-[0-5]?[0-9])(/([1-9]|[1-5][0-9]))?)$", part)) &&
      try(tonumber(split("-", part)[0]) <= tonumber(split("/", split("-", part)[1])[0]), true)
    ])
    error_message = "The first field of sweep_schedule, the minute, must be a list of *, N or N-M (0 to 59, N at most M), where * and N-M may have a step: */5, or 3-58/5."
  }

  # Waiting media need it at any time, and an alert comes after an hour without it (alerts.tf).
  validation {
    condition     = can(regex("^[^ ]+( [*]){4}$", var.sweep_schedule))
    error_message = "sweep_schedule must have five fields, and the last four (hour, day, month, weekday) must be *: the sweep has to run in each hour, for example */5 * * * *."
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
