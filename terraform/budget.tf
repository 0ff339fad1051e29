# Sends e-mail before the bill grows too large. It stops nothing. The worker stops asking paid models at
# max_usd_per_day and max_owner_usd_per_day (worker_settings.tf); the limits in api_settings.tf bound what else
# an owner can cause: files and bytes a day. A month can cost max_usd_per_day × 31 for the models alone, so set
# monthly_budget to what you expect, not to that.

variable "billing_account" {
  description = "The billing account to watch, for example 012345-6789AB-CDEF01. Empty: no budget. The person who applies needs roles/billing.costsManager on it."
  type        = string
  default     = ""

  validation {
    condition     = var.billing_account == "" || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A billing account has three groups of six digits or letters A to F. See: gcloud billing accounts list"
  }
}

variable "monthly_budget" {
  description = "Budget of the project for one month, in the billing account's currency."
  type        = number
  default     = 50

  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "monthly_budget must be a whole number of at least 1."
  }
}

resource "google_billing_budget" "media" {
  count = var.billing_account == "" ? 0 : 1

  billing_account = var.billing_account
  display_name    = "media-analysis (${var.project_id})"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }

  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }

  dynamic "all_updates_rule" {
    for_each = length(var.alert_emails) > 0 ? [1] : []
    content {
      # A budget accepts five channels.
      monitoring_notification_channels = slice(local.notification_channels, 0, min(5, length(local.notification_channels)))
    }
  }

  depends_on = [time_sleep.services_known]
}
