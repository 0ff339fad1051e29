locals {
  # Pages whose scripts may talk to the buckets.
  page_origins = concat(["https://${var.domain}"], var.allowed_origins)
}

variable "soft_delete_days" {
  description = "How long a deleted media object can be brought back; 0: not at all."
  type        = number
  default     = 7

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "0, or 7 to 90 days: https://cloud.google.com/storage/docs/soft-delete#retention-duration"
  }
}

# Where bytes arrive. What nobody promoted within a day belongs to nobody.
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

  # Objects are meant to go: keeping what was deleted would double the bill.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # Resumable uploads straight from a page.
  cors {
    origin          = local.page_origins
    method          = ["PUT", "POST"]
    response_header = ["Content-Type", "Content-Range", "Range", "Location", "x-goog-resumable"]
    max_age_seconds = 3600
  }

  depends_on = [google_project_service.required]
}

# Where media live: originals and previews, read by signed URLs.
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

# Sources of the functions, as they were deployed.
resource "google_storage_bucket" "source" {
  name                        = "${var.project_id}-media-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  depends_on = [google_project_service.required]
}
