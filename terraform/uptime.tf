# Requests the page and the API from outside, as a visitor would.

locals {
  uptime_checks = {
    for name, check in {
      page = { url = local.page_url, path = "/", expected = 200 }
      # Without a token the API answers 401, which shows that it is there.
      api = { url = local.api_url, path = "/api/media", expected = 401 }
    } : name => check if local.has_alerts
  }
}

resource "google_monitoring_uptime_check_config" "media" {
  for_each = local.uptime_checks

  display_name = "media: ${each.key}"
  period       = "60s"
  timeout      = "10s"

  http_check {
    path         = each.value.path
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_value = each.value.expected
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = trimprefix(each.value.url, "https://")
    }
  }

  # The alert names the check: it moves to the new check before the old one is deleted.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.services_known]
}

resource "google_monitoring_alert_policy" "uptime" {
  for_each = local.uptime_checks

  display_name          = "media: the ${each.key} cannot be reached"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Checks from outside fail"
    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.media[each.key].uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"
      aggregations {
        alignment_period     = "120s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.labels.project_id", "resource.labels.host"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The check of a new domain fails until its certificate is issued: `gcloud compute ssl-certificates list`. Otherwise: docs/day-two.md."
  }
}

moved {
  from = google_monitoring_uptime_check_config.page
  to   = google_monitoring_uptime_check_config.media["page"]
}

moved {
  from = google_monitoring_alert_policy.uptime
  to   = google_monitoring_alert_policy.uptime["page"]
}
