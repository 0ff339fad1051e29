variable "alert_emails" {
  description = "E-mail addresses that get the alerts. Without any there are no alerts and no checks from outside, which cost about $4.75 a month."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alert_emails : can(regex(local.email, email))])
    error_message = "Each entry must be an e-mail address such as ops@example.com."
  }

  # https://cloud.google.com/monitoring/quotas#alerting_uptime_limits
  validation {
    condition     = length(toset(var.alert_emails)) <= 16
    error_message = "alert_emails must have at most 16 addresses: an alert takes no more. Use the address of a group."
  }
}

variable "alert_thresholds" {
  description = "Values above which an alert fires: waiting tasks, seconds that they wait, seconds that an accepted media stands still, the fraction of media that fail, the fraction of requests that fail, how many of either there must be at least, milliseconds until a change is pushed, seconds that a message to a webhook is overdue, the fraction of tries to send one that are refused."
  type = object({
    queue_depth  = optional(number, 1000)
    queue_age_s  = optional(number, 300)
    pending_s    = optional(number, 21600)
    failed_ratio = optional(number, 0.05)
    error_ratio  = optional(number, 0.02)
    least_count  = optional(number, 3)
    push_age_ms  = optional(number, 2000)

    message_overdue_s = optional(number, 3600)
    refused_ratio     = optional(number, 0.5)
  })
  default = {}

  validation {
    condition     = alltrue([for ratio in [var.alert_thresholds.failed_ratio, var.alert_thresholds.error_ratio, var.alert_thresholds.refused_ratio] : ratio > 0 && ratio < 1])
    error_message = "failed_ratio, error_ratio and refused_ratio must be between 0 and 1."
  }

  validation {
    condition     = alltrue([for threshold in [var.alert_thresholds.queue_depth, var.alert_thresholds.queue_age_s, var.alert_thresholds.pending_s, var.alert_thresholds.push_age_ms, var.alert_thresholds.message_overdue_s] : threshold >= 1])
    error_message = "queue_depth, queue_age_s, pending_s, push_age_ms and message_overdue_s must be at least 1: with less, the alert never ends."
  }

  # The buckets of the metrics (metrics.tf, message_alerts.tf) end at 700,000: what is larger cannot be told apart.
  validation {
    condition     = max(var.alert_thresholds.pending_s, var.alert_thresholds.message_overdue_s) <= 604800 && var.alert_thresholds.push_age_ms <= 600000
    error_message = "pending_s and message_overdue_s must be at most 604800 (a week), and push_age_ms at most 600000: larger values are not measured, and the alert would never come."
  }

  validation {
    condition     = var.alert_thresholds.least_count >= 0
    error_message = "least_count must be at least 0. The one failure of a quiet night is a large fraction."
  }
}

locals {
  # Google charges for each condition, and nobody would be told.
  has_alerts            = length(var.alert_emails) > 0
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.alert_emails)

  display_name = each.value
  type         = "email"
  labels = {
    email_address = each.value
  }
  # A person may have a channel of the same name in the project: deploy/steps/numbered.ts takes over none without this label.
  user_labels = {
    app = "media-analysis"
  }

  # Google refuses to delete a channel that an alert names: the alerts let go of it first.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.services_known]
}

resource "google_monitoring_alert_policy" "queue" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: work is piling up"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Many tasks wait"
    condition_threshold {
      # A message waits there for hours until its receiver is back: message_alerts.tf.
      filter          = "${local.queue_depth} AND resource.labels.queue_id!=\"${var.webhook_queue}\" AND resource.labels.queue_id!=\"${var.slow_webhook_queue}\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.queue_depth
      duration        = "600s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_MAX"
        cross_series_reducer = "REDUCE_MAX"
        group_by_fields      = ["resource.labels.queue_id"]
      }
    }
  }

  conditions {
    display_name = "Tasks wait long (p99)"
    condition_threshold {
      filter          = local.queue_delay
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.queue_age_s * 1000
      duration        = "600s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_PERCENTILE_99"
        group_by_fields      = ["resource.labels.queue_id"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = <<-E
      Check whether the worker fails (its log, `severity>=ERROR`) or has more to do than usual. A used-up quota of the model
      shows as 429 answers of the worker. For more work at a time raise `max_concurrent_dispatches` and `worker_capacity`.
    E
  }

  depends_on = [time_sleep.services_known]
}

# An owner who sends thousands of photos waits for hours: that is no incident. The bytes are kept for two weeks
# (storage.tf), so there is time.
resource "google_monitoring_alert_policy" "pending" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: an accepted media stands still"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Age of the media that has stood still for longest"
    condition_threshold {
      filter          = local.oldest_pending
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.pending_s
      duration        = "600s"
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_PERCENTILE_99"
      }
    }
  }

  conditions {
    display_name = "The sweep has not run for an hour"
    condition_absent {
      filter   = local.oldest_pending
      duration = "3600s"
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_COUNT"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = <<-E
      Check whether the queues are paused and whether the worker fails (its log, `severity>=ERROR`). Nothing is lost before
      `staging_days` are over: when the cause is gone, media go on by themselves, and the sweep creates tasks that are missing.
      If one owner has sent thousands of media, only these wait.
    E
  }

  depends_on = [time_sleep.metrics_known]
}

resource "google_monitoring_alert_policy" "failed" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: too many fail"
  combiner              = "AND"
  severity              = "ERROR"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Fraction of media that failed, bad files not counted"
    condition_threshold {
      filter             = "${local.media_finished} AND metric.labels.outcome=\"failed\""
      denominator_filter = local.media_finished
      comparison         = "COMPARISON_GT"
      threshold_value    = var.alert_thresholds.failed_ratio
      duration           = "300s"
      aggregations {
        alignment_period     = "900s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
      denominator_aggregations {
        alignment_period     = "900s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "More than a few failed"
    condition_threshold {
      filter          = "${local.media_finished} AND metric.labels.outcome=\"failed\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.least_count
      duration        = "300s"
      aggregations {
        alignment_period     = "900s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The lines with `jsonPayload.message=\"failed\" severity=ERROR` in the worker's log have the id and the code of each media. When the cause is gone, the owners can retry them."
  }

  depends_on = [time_sleep.metrics_known]
}

resource "google_monitoring_alert_policy" "errors" {
  for_each = {
    for name, requests in {
      api    = local.api_requests
      stream = local.stream_requests
    } : name => requests if local.has_alerts
  }

  display_name          = "media: ${each.key} answers 5xx"
  combiner              = "AND"
  severity              = "CRITICAL"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Fraction of requests answered with 5xx"
    condition_threshold {
      filter             = "${each.value} AND metric.labels.response_code_class=\"5xx\""
      denominator_filter = each.value
      comparison         = "COMPARISON_GT"
      threshold_value    = var.alert_thresholds.error_ratio
      duration           = "300s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
      denominator_aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "More than a few requests answered with 5xx"
    condition_threshold {
      filter          = "${each.value} AND metric.labels.response_code_class=\"5xx\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.least_count
      duration        = "300s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`jsonPayload.message=\"request failed\" severity>=ERROR` in its log has the cause and the trace. To go back to the last release, see terraform/README.md, \"Roll back\"."
  }

  depends_on = [time_sleep.services_known]
}

resource "google_monitoring_alert_policy" "push_age" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: changes are pushed late"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.notification_channels

  conditions {
    display_name = "From write to push (p99)"
    condition_threshold {
      filter          = local.push_age
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.push_age_ms
      duration        = "300s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_PERCENTILE_99"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "If an instance is busy (CPU, see the dashboard), lower `stream_capacity.concurrency`. If listeners die, the stream logs `jsonPayload.message=\"listener died; opening it again\"`."
  }

  depends_on = [time_sleep.metrics_known]
}

# The worker logs this line once a day, from 30 days before the model's end. The sweep makes sure of that
# even without media.
resource "google_monitoring_alert_policy" "model_ends" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: the model ends within 30 days"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.notification_channels

  conditions {
    display_name = "The worker found that its model ends"
    condition_threshold {
      filter          = "${local.model_trouble} AND metric.labels.what=\"model ends\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.labels.model"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`jsonPayload.message=\"model ends\"` in the worker's log has the model, the day and a replacement. Try the replacement on your own photos (`npm run eval -- --model …`), then set `analysis_model` (or `model_fallback`) and apply."
  }

  depends_on = [time_sleep.metrics_known]
}

resource "google_monitoring_alert_policy" "model_stopped" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: the model cannot be asked"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.notification_channels

  conditions {
    display_name = "The model is missing or accepts no more calls"
    condition_threshold {
      filter          = "${local.model_trouble} AND metric.labels.what=monitoring.regex.full_match(\"model (missing|stopped)\")"
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.labels.model"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`jsonPayload.message=(\"model missing\" OR \"model stopped\")`, or `\"model away\"` as an error, in the worker's log has the cause and the remedy: another model, another `vertex_location`, a new key, a higher spend cap or a new balance. Nothing is lost: media wait, and their analysis starts again when the model answers."
  }

  depends_on = [time_sleep.metrics_known]
}

# Short outages end by themselves, and need nobody.
resource "google_monitoring_alert_policy" "long_wait" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: a service has been away for long"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Media have waited for about 40 minutes, or a service refuses us"
    condition_threshold {
      filter          = local.long_wait
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.labels.code"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`jsonPayload.message=\"refused by a service\"` in the worker's log has what to do: a role, a key, an API or the billing is gone. `jsonPayload.message=\"waits long\"` has the code and the cause: `unavailable` is Cloud Storage, Firestore or Cloud Tasks (https://status.cloud.google.com), the others are the model. Nothing is lost and nothing has to be started again: media go on by themselves, within ten minutes after an outage of two hours. `model_fallback` is asked while the first model is away."
  }

  depends_on = [time_sleep.metrics_known]
}

# Cloud Tasks counts each try, also one that IAM refuses: the metric of Cloud Run's requests does not have those, because
# they reach no instance. https://cloud.google.com/monitoring/api/metrics_gcp_c#gcp-cloudtasks
resource "google_monitoring_alert_policy" "deliveries" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: the worker refuses or breaks off deliveries"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Deliveries answered with another error than 429 and 503"
    condition_threshold {
      filter          = local.refused_attempts
      comparison      = "COMPARISON_GT"
      threshold_value = var.alert_thresholds.least_count
      duration        = "0s"
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.labels.response_code"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The condition names the answer, `response_code`. `unauthenticated` (401) and `permission_denied` (403): IAM or the worker refuses the queues' account; compare `terraform plan` with what is deployed. `invalid_argument` (400) and `not_found` (404): the worker is older than the api. `internal` or `unknown` (500): `severity=ERROR` in its log. `deadline_exceeded` (504): a delivery took longer than `worker_timeout_s`, or in the tier flex than `flex_timeout_s`. If it is `OK` or another form of 200, 429 or 503, the alert is wrong: add that form to `expected_answers` in terraform/metrics.tf. Media wait, and go on when the cause is gone: docs/day-two.md."
  }

  depends_on = [time_sleep.services_known]
}

resource "google_monitoring_alert_policy" "sweep" {
  count = local.has_alerts ? 1 : 0

  display_name          = "media: the sweep fails"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Cloud Scheduler could not run the sweep"
    condition_threshold {
      filter          = local.sweep_failed
      comparison      = "COMPARISON_GT"
      threshold_value = 2
      duration        = "0s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`resource.type=\"cloud_scheduler_job\" severity>=ERROR` in the log has the answer of the worker. Without the sweep, a media whose task was lost waits; nothing else stops."
  }

  depends_on = [time_sleep.metrics_known]
}
