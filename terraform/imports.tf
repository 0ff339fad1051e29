# Buckets from which backends may import: docs/imports.md. They belong to somebody else, perhaps in another project. Who
# deploys has to be allowed to give access to them (roles/storage.admin, or roles/storage.legacyBucketOwner, on each).

variable "import_buckets" {
  description = "Names of the buckets from which backends with a service key may import. The worker and the api may read them. None: nothing can be imported from a bucket."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for bucket in var.import_buckets : can(regex("^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$", bucket))])
    error_message = "Each entry of import_buckets must be the name of a bucket, without gs:// and without a folder: shop-photos."
  }

  # They have the files of all owners.
  validation {
    condition     = length(setintersection(var.import_buckets, ["${var.project_id}-media-staging", "${var.project_id}-media", "${var.project_id}-media-source"])) == 0
    error_message = "import_buckets must not have the buckets of this service: a backend could give the files of one user to another."
  }
}

# The api hands out addresses of what stays there (`in_place`).
resource "google_storage_bucket_iam_member" "api_imports" {
  for_each = toset(local.import_buckets)

  bucket = each.value
  role   = "roles/storage.objectViewer"
  member = google_service_account.api.member

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_storage_bucket_iam_member" "worker_imports" {
  for_each = toset(local.import_buckets)

  bucket = each.value
  role   = "roles/storage.objectViewer"
  member = google_service_account.worker.member

  lifecycle {
    create_before_destroy = true
  }
}
