locals {
  # Origins of pages whose scripts may access the buckets.
  page_origins = concat([local.page_url], var.allowed_origins)
}

variable "soft_delete_days" {
  description = "Days for which a deleted media object can be restored. 0: it cannot be restored."
  type        = number
  default     = 7

  validation {
    condition     = (var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)) && floor(var.soft_delete_days) == var.soft_delete_days
    error_message = "soft_delete_days must be a whole number, 0, or 7 to 90: https://cloud.google.com/storage/docs/soft-delete#retention-duration"
  }
}

variable "staging_days" {
  description = "Days for which accepted bytes outlive a stall of the queues. Afterwards their media fail with media_missing."
  type        = number
  default     = 15

  validation {
    condition     = var.staging_days >= 15 && floor(var.staging_days) == var.staging_days
    error_message = "staging_days must be a whole number, at least 15: functions/storage/objects.ts keeps bytes for 14 days."
  }
}

# New bytes arrive here, and the worker promotes them. The rules delete what is left over: after a broken request, after
# a stall that lasted too long, or in an upload session that no media belongs to any more.
resource "google_storage_bucket" "staging" {
  name                        = "${var.project_id}-media-staging"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  lifecycle_rule {
    condition {
      age = var.staging_days
    }
    action {
      type = "Delete"
    }
  }

  # An object of an upload session has a custom time: when the session was opened. It is moved two weeks ahead as soon
  # as the bytes belong to an accepted media (functions/storage/objects.ts). Other objects have none.
  lifecycle_rule {
    condition {
      days_since_custom_time = 2
    }
    action {
      type = "Delete"
    }
  }

  # Staging objects are short-lived: keeping deleted ones would double the bill.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # Pages send resumable uploads straight to this bucket.
  cors {
    origin          = local.page_origins
    method          = ["PUT", "POST"]
    response_header = ["Content-Type", "Content-Range", "Range", "Location", "x-goog-resumable"]
    max_age_seconds = 3600
  }

  depends_on = [time_sleep.services_known]
}

# The media bucket keeps originals and previews. Readers use signed URLs.
resource "google_storage_bucket" "media" {
  name                        = "${var.project_id}-media"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 24 * 3600
  }

  cors {
    origin          = local.page_origins
    method          = ["GET", "HEAD"]
    response_header = ["Content-Type"]
    max_age_seconds = 3600
  }

  depends_on = [time_sleep.services_known]
}

# Sources of the deployed functions.
resource "google_storage_bucket" "source" {
  name                        = "${var.project_id}-media-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  # What `npm run deploy` has sent to Cloud Build for an image of the stream. The sources of the functions stay: Terraform
  # removes them itself, and would make them again.
  lifecycle_rule {
    condition {
      age            = 90
      matches_prefix = ["stream/"]
    }
    action {
      type = "Delete"
    }
  }

  depends_on = [time_sleep.services_known]
}
