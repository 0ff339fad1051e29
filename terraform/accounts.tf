# One service account for each unit. Its permissions are in access.tf and nowhere else.

resource "google_service_account" "api" {
  account_id   = "media-api"
  display_name = "media-analysis: accepts media"

  depends_on = [time_sleep.services_known]
}

resource "google_service_account" "worker" {
  account_id   = "media-worker"
  display_name = "media-analysis: stores and analyses media"

  depends_on = [time_sleep.services_known]
}

resource "google_service_account" "stream" {
  account_id   = "media-stream"
  display_name = "media-analysis: pushes changes"

  depends_on = [time_sleep.services_known]
}

resource "google_service_account" "tasks" {
  account_id   = "media-tasks"
  display_name = "media-analysis: Cloud Tasks and Scheduler call the worker as this account"

  depends_on = [time_sleep.services_known]
}

resource "google_service_account" "build" {
  account_id   = "media-build"
  display_name = "media-analysis: builds the units"

  depends_on = [time_sleep.services_known]
}
