# Metrics from the log, for what Google's services cannot measure. The units log these messages;
# functions/process/log-metrics.test.ts checks that the names agree.

# How media end: "analysed", or "failed". A file that is itself bad is logged as a warning and not
# counted.
resource "google_logging_metric" "media_finished" {
  name        = "media_finished"
  description = "Media whose work has ended, by outcome"
  filter      = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.worker}"
    (jsonPayload.message="analysed" OR (jsonPayload.message="failed" AND severity=ERROR))
  E

  label_extractors = {
    outcome = "EXTRACT(jsonPayload.message)"
    code    = "EXTRACT(jsonPayload.code)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    labels {
      key        = "outcome"
      value_type = "STRING"
    }
    labels {
      key        = "code"
      value_type = "STRING"
    }
  }

  depends_on = [time_sleep.services_known]
}

resource "google_logging_metric" "analysis_cost" {
  name            = "media_analysis_cost"
  description     = "What the analysis of one media cost"
  filter          = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.worker}"
    jsonPayload.message="analysed"
  E
  value_extractor = "EXTRACT(jsonPayload.cost_usd)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "{USD}"
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 32
      growth_factor      = 2
      scale              = 0.000001
    }
  }

  depends_on = [time_sleep.services_known]
}

# Each instance of the stream logs once a minute how old the changes were when they were pushed.
resource "google_logging_metric" "push_age" {
  name            = "media_push_age"
  description     = "From the write of a change to its push: the 99th percentile of a minute of an instance"
  filter          = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.stream}"
    jsonPayload.message="pushed"
  E
  value_extractor = "EXTRACT(jsonPayload.age_p99_ms)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "ms"
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

# Each sweep logs how long the media has stood still that has waited for longest.
resource "google_logging_metric" "oldest_pending" {
  name            = "media_oldest_pending"
  description     = "Age of the accepted media that has stood still for longest"
  filter          = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.worker}"
    jsonPayload.message="swept"
  E
  value_extractor = "EXTRACT(jsonPayload.oldest_s)"

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

# The worker's log lines about its models: one ends within 30 days, is missing, or is not called any more.
resource "google_logging_metric" "model_trouble" {
  name        = "media_model_trouble"
  description = "Models that need action by an operator"
  filter      = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.worker}"
    (jsonPayload.message="model ends" OR jsonPayload.message="model missing" OR jsonPayload.message="model stopped" OR (jsonPayload.message="model away" AND severity="ERROR"))
  E

  label_extractors = {
    what  = "EXTRACT(jsonPayload.message)"
    model = "EXTRACT(jsonPayload.model)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    labels {
      key        = "what"
      value_type = "STRING"
    }
    labels {
      key        = "model"
      value_type = "STRING"
    }
  }

  depends_on = [time_sleep.services_known]
}

# Each media says the first once in its log, when a service has made it wait for about 40 minutes. The second is a service
# that refuses us: an operator has to act at once.
resource "google_logging_metric" "long_wait" {
  name        = "media_long_wait"
  description = "Media that have waited long for a service, or that a service refuses"
  filter      = <<-E
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.worker}"
    (jsonPayload.message="waits long" OR jsonPayload.message="refused by a service")
  E

  label_extractors = {
    code = "EXTRACT(jsonPayload.code)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    labels {
      key        = "code"
      value_type = "STRING"
    }
  }

  depends_on = [time_sleep.services_known]
}

# Cloud Scheduler logs each run that the worker did not answer with 2xx.
resource "google_logging_metric" "sweep_failed" {
  name        = "media_sweep_failed"
  description = "Runs of the sweep that failed"
  filter      = <<-E
    resource.type="cloud_scheduler_job"
    resource.labels.job_id="${local.sweep_name}"
    severity>=ERROR
  E

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [time_sleep.services_known]
}

# Google refuses an alert or an SLO on a metric that has not reached every server yet, which takes minutes
# (https://github.com/hashicorp/terraform-provider-google/issues/11102). The metrics name the services by their names only,
# so this wait runs beside the builds of the functions.
resource "time_sleep" "metrics_known" {
  create_duration = "300s"

  depends_on = [
    google_logging_metric.media_finished,
    google_logging_metric.analysis_cost,
    google_logging_metric.push_age,
    google_logging_metric.oldest_pending,
    google_logging_metric.model_trouble,
    google_logging_metric.long_wait,
    google_logging_metric.sweep_failed,
    google_logging_metric.message_tried,
    google_logging_metric.message_overdue,
  ]
}

locals {
  # Filters that alerts, SLOs and the dashboard share.
  queue_depth    = "metric.type=\"cloudtasks.googleapis.com/queue/depth\" AND resource.type=\"cloud_tasks_queue\""
  queue_attempts = "metric.type=\"cloudtasks.googleapis.com/queue/task_attempt_count\" AND resource.type=\"cloud_tasks_queue\""
  queue_delay    = "metric.type=\"cloudtasks.googleapis.com/queue/task_attempt_delays\" AND resource.type=\"cloud_tasks_queue\""
  media_finished = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.media_finished.name}\" AND resource.type=\"cloud_run_revision\""
  analysis_cost  = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.analysis_cost.name}\" AND resource.type=\"cloud_run_revision\""
  long_wait      = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.long_wait.name}\" AND resource.type=\"cloud_run_revision\""
  model_trouble  = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.model_trouble.name}\" AND resource.type=\"cloud_run_revision\""
  oldest_pending = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.oldest_pending.name}\" AND resource.type=\"cloud_run_revision\""
  sweep_failed   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.sweep_failed.name}\" AND resource.type=\"cloud_scheduler_job\""
  push_age       = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.push_age.name}\" AND resource.type=\"cloud_run_revision\""

  # A delivery that is done, and the worker's way to get a task delivered again (429 and 503). Cloud Tasks writes an answer
  # by the name of its code. That is not documented and was not seen here, so the numbers are named as well. If the label has
  # another form, the alert comes too often, and not never.
  expected_answers = ["ok", "resource_exhausted", "unavailable", "200", "204", "429", "503"]
  refused_attempts = join(" AND ", concat([local.queue_attempts], [for each in local.expected_answers : "metric.labels.response_code!=\"${each}\""]))

  # The worker answers 503 to get a task delivered again, so the error rates count only the api and the
  # stream.
  requests        = "metric.type=\"run.googleapis.com/request_count\" AND resource.type=\"cloud_run_revision\""
  latencies       = "metric.type=\"run.googleapis.com/request_latencies\" AND resource.type=\"cloud_run_revision\""
  instances       = "metric.type=\"run.googleapis.com/container/instance_count\" AND resource.type=\"cloud_run_revision\""
  api_requests    = "${local.requests} AND resource.labels.service_name=\"${local.service_names.api}\""
  stream_requests = "${local.requests} AND resource.labels.service_name=\"${local.service_names.stream}\""
}
