# One queue for each phase, so that storing one photo overlaps with analysing another, one for analyses that may take
# a quarter of an hour, so that no other waits behind them, and two for what is sent to webhooks: one of them for receivers
# that take long for an answer, so that no other receiver waits behind them. The name of a
# deleted queue stays reserved for days: https://cloud.google.com/tasks/docs/deleting-queues

variable "upload_queue" {
  description = "Name of the queue of tasks that store media. With another name there is another queue, and the tasks of the old one are lost; the sweep creates them again. The name of a deleted queue cannot be used for about three days."
  type        = string
  default     = "media-upload"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,100}$", var.upload_queue))
    error_message = "upload_queue must have 1 to 100 letters, digits and hyphens."
  }
}

variable "analyze_queue" {
  description = "Name of the queue of tasks that analyse media. With another name there is another queue, and the tasks of the old one are lost; the sweep creates them again. The name of a deleted queue cannot be used for about three days."
  type        = string
  default     = "media-analyze"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,100}$", var.analyze_queue)) && var.analyze_queue != var.upload_queue
    error_message = "analyze_queue must have 1 to 100 letters, digits and hyphens, and another name than upload_queue."
  }
}

variable "flex_queue" {
  description = "Name of the queue of tasks that analyse media in the tier flex, which may take a quarter of an hour each. With another name there is another queue, and the tasks of the old one are lost; the sweep creates them again. The name of a deleted queue cannot be used for about three days."
  type        = string
  default     = "media-flex"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,100}$", var.flex_queue)) && !contains([var.upload_queue, var.analyze_queue], var.flex_queue)
    error_message = "flex_queue must have 1 to 100 letters, digits and hyphens, and another name than the other two queues."
  }
}

variable "webhook_queue" {
  description = "Name of the queue of tasks that send to webhooks. With another name there is another queue, and the tasks of the old one are lost; the sweep creates them again. The name of a deleted queue cannot be used for about three days."
  type        = string
  default     = "media-webhooks"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,100}$", var.webhook_queue)) && !contains([var.upload_queue, var.analyze_queue, var.flex_queue], var.webhook_queue)
    error_message = "webhook_queue must have 1 to 100 letters, digits and hyphens, and another name than the other queues."
  }
}

variable "slow_webhook_queue" {
  description = "Name of the queue of tasks that send to webhooks which take long for an answer. With another name there is another queue, and the tasks of the old one are lost; the sweep creates them again. The name of a deleted queue cannot be used for about three days."
  type        = string
  default     = "media-slow-webhooks"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,100}$", var.slow_webhook_queue)) && !contains([var.upload_queue, var.analyze_queue, var.flex_queue, var.webhook_queue], var.slow_webhook_queue)
    error_message = "slow_webhook_queue must have 1 to 100 letters, digits and hyphens, and another name than the other queues."
  }
}

variable "max_concurrent_uploads" {
  description = "Most tasks that store media at the same time."
  type        = number
  default     = 15

  validation {
    condition     = var.max_concurrent_uploads >= 1 && var.max_concurrent_uploads <= 5000 && floor(var.max_concurrent_uploads) == var.max_concurrent_uploads
    error_message = "max_concurrent_uploads must be a whole number, 1 to 5000: https://cloud.google.com/tasks/docs/quotas"
  }
}

variable "max_concurrent_dispatches" {
  description = "Most tasks that analyse media at the same time."
  type        = number
  default     = 5

  validation {
    condition     = var.max_concurrent_dispatches >= 1 && var.max_concurrent_dispatches <= 5000 && floor(var.max_concurrent_dispatches) == var.max_concurrent_dispatches
    error_message = "max_concurrent_dispatches must be a whole number, 1 to 5000: https://cloud.google.com/tasks/docs/quotas"
  }
}

variable "reanalysis_in_flight" {
  description = "Media of one reanalysis that are asked about at a time."
  type        = number
  default     = 2

  validation {
    condition     = var.reanalysis_in_flight >= 1 && var.reanalysis_in_flight <= 20 && floor(var.reanalysis_in_flight) == var.reanalysis_in_flight
    error_message = "reanalysis_in_flight must be a whole number, 1 to 20: a fresh photo of the same owner waits for so many at most."
  }
}

variable "max_concurrent_flex" {
  description = "Most tasks that analyse media in the tier flex at the same time."
  type        = number
  default     = 4

  validation {
    condition     = var.max_concurrent_flex >= 1 && var.max_concurrent_flex <= 5000 && floor(var.max_concurrent_flex) == var.max_concurrent_flex
    error_message = "max_concurrent_flex must be a whole number, 1 to 5000: https://cloud.google.com/tasks/docs/quotas"
  }
}

variable "max_concurrent_webhooks" {
  description = "Most tasks that send to webhooks at the same time. One whose receiver does not answer takes its place for two seconds, once."
  type        = number
  default     = 8

  validation {
    condition     = var.max_concurrent_webhooks >= 1 && var.max_concurrent_webhooks <= 5000 && floor(var.max_concurrent_webhooks) == var.max_concurrent_webhooks
    error_message = "max_concurrent_webhooks must be a whole number, 1 to 5000: https://cloud.google.com/tasks/docs/quotas"
  }
}

variable "max_concurrent_slow_webhooks" {
  description = "Most tasks at the same time that send to webhooks which take long for an answer: up to ten seconds each."
  type        = number
  default     = 8

  validation {
    condition     = var.max_concurrent_slow_webhooks >= 1 && var.max_concurrent_slow_webhooks <= 5000 && floor(var.max_concurrent_slow_webhooks) == var.max_concurrent_slow_webhooks
    error_message = "max_concurrent_slow_webhooks must be a whole number, 1 to 5000: https://cloud.google.com/tasks/docs/quotas"
  }
}

variable "max_queued_per_owner" {
  description = "Most media of one owner in all queues together. The others wait for their turn without a task, so that the media of another owner stand behind few tasks."
  type        = number
  default     = 10

  validation {
    condition     = var.max_queued_per_owner >= 1 && var.max_queued_per_owner < var.max_concurrent_uploads && floor(var.max_queued_per_owner) == var.max_queued_per_owner
    error_message = "max_queued_per_owner must be a whole number, below max_concurrent_uploads: one owner's files, which may take long to open, must leave places to others."
  }

  validation {
    condition     = var.max_queued_per_owner <= 2 * var.max_concurrent_dispatches
    error_message = "max_queued_per_owner must be at most 2 × max_concurrent_dispatches: then a photo of another owner takes at most three times its time alone."
  }
}

variable "max_dispatches_per_second" {
  description = "Most tasks of one queue that start within one second."
  type        = number
  default     = 500

  validation {
    condition     = var.max_dispatches_per_second > 0 && var.max_dispatches_per_second <= 500
    error_message = "max_dispatches_per_second must be above 0 and at most 500: https://cloud.google.com/tasks/docs/quotas"
  }
}

variable "task_retry" {
  description = "Backoff between deliveries of one task. max_attempts -1 means no limit: the worker itself counts the deliveries and ends the task after the last one."
  type = object({
    max_attempts  = optional(number, -1)
    min_backoff_s = optional(number, 1)
    max_backoff_s = optional(number, 10)
    max_doublings = optional(number, 4)
  })
  default = {}

  validation {
    condition     = var.task_retry.max_attempts == -1 || var.task_retry.max_attempts > var.max_deliveries
    error_message = "max_attempts must be -1 or above max_deliveries. Otherwise the queue drops a task before the worker marks its media as failed."
  }

  validation {
    condition     = var.task_retry.min_backoff_s > 0 && var.task_retry.min_backoff_s <= var.task_retry.max_backoff_s
    error_message = "min_backoff_s must be above 0 and at most max_backoff_s."
  }
}

locals {
  queues = {
    upload       = google_cloud_tasks_queue.upload
    analyze      = google_cloud_tasks_queue.analyze
    flex         = google_cloud_tasks_queue.flex
    webhook      = google_cloud_tasks_queue.webhook
    slow_webhook = google_cloud_tasks_queue.slow_webhook
  }
}

resource "google_cloud_tasks_queue" "upload" {
  name     = var.upload_queue
  location = var.region

  rate_limits {
    max_concurrent_dispatches = var.max_concurrent_uploads
    max_dispatches_per_second = var.max_dispatches_per_second
  }

  retry_config {
    max_attempts  = var.task_retry.max_attempts
    min_backoff   = "${var.task_retry.min_backoff_s}s"
    max_backoff   = "${var.task_retry.max_backoff_s}s"
    max_doublings = var.task_retry.max_doublings
  }

  depends_on = [time_sleep.services_known]
}

resource "google_cloud_tasks_queue" "analyze" {
  name     = var.analyze_queue
  location = var.region

  rate_limits {
    max_concurrent_dispatches = var.max_concurrent_dispatches
    max_dispatches_per_second = var.max_dispatches_per_second
  }

  retry_config {
    max_attempts  = var.task_retry.max_attempts
    min_backoff   = "${var.task_retry.min_backoff_s}s"
    max_backoff   = "${var.task_retry.max_backoff_s}s"
    max_doublings = var.task_retry.max_doublings
  }

  depends_on = [time_sleep.services_known]
}

resource "google_cloud_tasks_queue" "flex" {
  name     = var.flex_queue
  location = var.region

  rate_limits {
    max_concurrent_dispatches = var.max_concurrent_flex
    max_dispatches_per_second = var.max_dispatches_per_second
  }

  retry_config {
    max_attempts  = var.task_retry.max_attempts
    min_backoff   = "${var.task_retry.min_backoff_s}s"
    max_backoff   = "${var.task_retry.max_backoff_s}s"
    max_doublings = var.task_retry.max_doublings
  }

  depends_on = [time_sleep.services_known]
}

# The worker itself says when a message is tried again: from a second to four hours, for more than a day.
resource "google_cloud_tasks_queue" "webhook" {
  name     = var.webhook_queue
  location = var.region

  rate_limits {
    max_concurrent_dispatches = var.max_concurrent_webhooks
    max_dispatches_per_second = var.max_dispatches_per_second
  }

  retry_config {
    max_attempts  = var.task_retry.max_attempts
    min_backoff   = "${var.task_retry.min_backoff_s}s"
    max_backoff   = "${var.task_retry.max_backoff_s}s"
    max_doublings = var.task_retry.max_doublings
  }

  depends_on = [time_sleep.services_known]
}

resource "google_cloud_tasks_queue" "slow_webhook" {
  name     = var.slow_webhook_queue
  location = var.region

  rate_limits {
    max_concurrent_dispatches = var.max_concurrent_slow_webhooks
    max_dispatches_per_second = var.max_dispatches_per_second
  }

  retry_config {
    max_attempts  = var.task_retry.max_attempts
    min_backoff   = "${var.task_retry.min_backoff_s}s"
    max_backoff   = "${var.task_retry.max_backoff_s}s"
    max_doublings = var.task_retry.max_doublings
  }

  depends_on = [time_sleep.services_known]
}
