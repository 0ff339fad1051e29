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

  depends_on = [time_sleep.services_known]
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

# How fast the error budget of 28 days is used up: 14 times as fast as planned is 2 % of it in an hour, 6 times is 5 % in
# six hours. The short window ends the alert soon after the trouble: https://sre.google/workbook/alerting-on-slos/
# If everything fails, a budget of 10 % is used up 10 times as fast as planned, and never 14 times. So with a low goal the
# alert comes when 90 % fail.
locals {
  slos = {
    api      = google_monitoring_slo.api_availability
    analysis = google_monitoring_slo.analysis_success
    push     = google_monitoring_slo.push_freshness
  }
  burn_rates = {
    fast = { rate = 14, long_s = 3600, short_s = 300, severity = "CRITICAL" }
    slow = { rate = 6, long_s = 21600, short_s = 1800, severity = "WARNING" }
  }
}

resource "google_monitoring_alert_policy" "burn_rate" {
  for_each = {
    for pair in setproduct(keys(local.slos), keys(local.burn_rates)) :
    "${pair[0]}-${pair[1]}" => {
      slo  = local.slos[pair[0]]
      burn = local.burn_rates[pair[1]]
      rate = min(local.burn_rates[pair[1]].rate, floor(9 / (1 - local.slos[pair[0]].goal) + 0.5) / 10)
    }
    if local.has_alerts
  }

  display_name          = "media: the error budget is used up too fast (${each.key})"
  combiner              = "AND"
  severity              = each.value.burn.severity
  notification_channels = local.notification_channels

  dynamic "conditions" {
    for_each = [each.value.burn.long_s, each.value.burn.short_s]
    content {
      display_name = "${each.value.rate} times as fast as planned, over ${conditions.value / 60} minutes"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${each.value.slo.name}\", \"${conditions.value}s\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "\"${each.value.slo.display_name}\": if it goes on like this, the goal of 28 days is missed. The other alerts and the dashboard show what is wrong: docs/day-two.md."
  }
}
