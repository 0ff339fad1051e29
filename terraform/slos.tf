# The service level objectives, and how much of each error budget is used.

variable "slo_goals" {
  description = "Goals as fractions over 28 days: requests that the api answers without 5xx, media that are analysed, minutes of an instance whose changes are pushed within alert_thresholds.push_age_ms (p99)."
  type = object({
    api_availability = optional(number, 0.995)
    analysis_success = optional(number, 0.99)
    push_freshness   = optional(number, 0.99)
  })
  default = {}

  validation {
    condition     = alltrue([for goal in values(var.slo_goals) : goal > 0 && goal <= 0.9999])
    error_message = "Each goal must be above 0 and at most 0.9999: https://cloud.google.com/stackdriver/docs/solutions/slo-monitoring/api/api-structures"
  }
}

resource "google_monitoring_custom_service" "media" {
  service_id   = "media-analysis"
  display_name = "media-analysis"

  depends_on = [google_project_service.required]
}

resource "google_monitoring_slo" "api_availability" {
  service             = google_monitoring_custom_service.media.service_id
  slo_id              = "api-availability"
  display_name        = "Api requests without a 5xx answer"
  goal                = var.slo_goals.api_availability
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      total_service_filter = local.api_requests
      bad_service_filter   = "${local.api_requests} AND metric.labels.response_code_class=\"5xx\""
    }
  }
}

resource "google_monitoring_slo" "analysis_success" {
  service             = google_monitoring_custom_service.media.service_id
  slo_id              = "analysis-success"
  display_name        = "Media are analysed"
  goal                = var.slo_goals.analysis_success
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      total_service_filter = local.media_finished
      bad_service_filter   = "${local.media_finished} AND metric.labels.outcome=\"failed\""
    }
  }

  depends_on = [time_sleep.metrics_known]
}

resource "google_monitoring_slo" "push_freshness" {
  service             = google_monitoring_custom_service.media.service_id
  slo_id              = "push-freshness"
  display_name        = "Changes are pushed in time"
  goal                = var.slo_goals.push_freshness
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = local.push_age
      range {
        max = var.alert_thresholds.push_age_ms
      }
    }
  }

  depends_on = [time_sleep.metrics_known]
}
