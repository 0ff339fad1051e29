# Whether messages to webhooks, callback_urls and the topic get out: metrics from the worker's log, and their alerts.

# Each try to send a message: "taken", or "refused" by its receiver.
resource "google_logging_metric" "message_tried" {
  name        = "media_message_tried"
  description = "Messages to receivers that were tried, by outcome"
  filter      = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.worker}"
    jsonPayload.message="message tried"
  E

  label_extractors = {
    outcome = "EXTRACT(jsonPayload.outcome)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    labels {
      key        = "outcome"
      value_type = "STRING"
    }
  }

  depends_on = [time_sleep.services_known]
}

# Each sweep logs for how long the message is overdue that should have been tried first. One that waits for its receiver, or
# for an earlier message, is not overdue.
resource "google_logging_metric" "message_overdue" {
  name            = "media_message_overdue"
  description     = "How long the oldest message is overdue that nobody has tried"
  filter          = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.worker}"
    jsonPayload.message="messages swept"
  E
  value_extractor = "EXTRACT(jsonPayload.overdue_s)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "s"
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 1.4
      scale              = 1
    }
  }

  depends_on = [time_sleep.services_known]
}

locals {
  message_tried   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.message_tried.name}\" AND resource.type=\"cloud_run_revision\""
  message_refused = "${local.message_tried} AND metric.labels.outcome=\"refused\""
  message_overdue = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.message_overdue.name}\" AND resource.type=\"cloud_run_revision\""
}

resource "google_monitoring_alert_policy" "messages_overdue" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: messages to webhooks are not sent"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.notification_channels

  conditions {
    display_name = "How long the oldest message is overdue"
    condition_threshold {
      filter          = local.message_overdue
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.message_overdue_s
      duration        = "600s"
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_PERCENTILE_99"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = <<-E
      The messages wait for us, and not for their receivers. Check whether the queue `${var.webhook_queue}` or `${var.slow_webhook_queue}` is paused and whether
      the worker fails (its log, `severity>=ERROR`). If receivers take seconds for each answer, the second queue has too few places:
      raise `max_concurrent_slow_webhooks`. Nothing is lost: the sweep makes the tasks that are missing.
    E
  }

  depends_on = [time_sleep.metrics_known]
}

resource "google_monitoring_alert_policy" "messages_refused" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: messages to webhooks are not taken"
  combiner              = "AND"
  severity              = "WARNING"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Fraction of tries that were refused"
    condition_threshold {
      filter             = local.message_refused
      denominator_filter = local.message_tried
      comparison         = "COMPARISON_GT"
      threshold_value    = var.alert_thresholds.refused_ratio
      duration           = "600s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
      denominator_aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "More than a few were refused"
    condition_threshold {
      filter          = local.message_refused
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.least_count
      duration        = "600s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = <<-E
      `jsonPayload.message="message tried" jsonPayload.outcome="refused"` in the worker's log has the webhook, the status or the
      error of each. A receiver that is away gets everything for 28 hours; tell its owner. `webhook_id="topic"`: 403 is a missing
      right of the worker, 404 a missing topic; `terraform plan` shows either. What was given up can be sent again for a week.
    E
  }

  depends_on = [time_sleep.metrics_known]
}
