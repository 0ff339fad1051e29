locals {
  # Origins of pages whose scripts may access the buckets.
  page_origins = concat(["https://${var.domain}"], var.allowed_origins)
}

variable "soft_delete_days" {
  description = "Days for which a deleted media object can be restored. 0: it cannot be restored."
  type        = number
  default     = 7

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "soft_delete_days must be 0, or 7 to 90: https://cloud.google.com/storage/docs/soft-delete#retention-duration"
  }
}

# New bytes arrive here. An object that the worker has not promoted within a day is deleted.
resource "google_storage_bucket" "staging" {
  name                        = "${var.project_id}-media-staging"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    condition {
      age = 1
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

  depends_on = [google_project_service.required]
}

# The media bucket keeps originals and previews. Readers use signed URLs.
resource "google_storage_bucket" "media" {
  name                        = "${var.project_id}-media"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 24 * 3600
  }

  cors {
    origin          = local.page_origins
    method          = ["GET", "HEAD"]
    response_header = ["Content-Type"]
    max_age_seconds = 3600
  }

  depends_on = [google_project_service.required]
}

# Sources of the deployed functions.
resource "google_storage_bucket" "source" {
  name                        = "${var.project_id}-media-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  depends_on = [google_project_service.required]
}
