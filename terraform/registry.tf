resource "google_artifact_registry_repository" "media" {
  repository_id = "media"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the units"

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 20
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "${90 * 24 * 3600}s"
    }
  }

  depends_on = [time_sleep.services_known]
}
