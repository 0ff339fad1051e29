# What Google would answer. Terraform makes up every other computed value.

mock_data "google_project" {
  defaults = {
    number = "123456789012"
  }
}

mock_data "google_storage_project_service_account" {
  defaults = {
    email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
    member        = "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
  }
}

mock_resource "google_service_account" {
  defaults = {
    name   = "projects/my-project-1234/serviceAccounts/media-unit@my-project-1234.iam.gserviceaccount.com"
    email  = "media-unit@my-project-1234.iam.gserviceaccount.com"
    member = "serviceAccount:media-unit@my-project-1234.iam.gserviceaccount.com"
  }
}

mock_resource "google_project_iam_custom_role" {
  defaults = {
    id = "projects/my-project-1234/roles/media"
  }
}

mock_resource "google_artifact_registry_repository" {
  defaults = {
    id = "projects/my-project-1234/locations/us-central1/repositories/media"
  }
}

mock_resource "google_pubsub_topic" {
  defaults = {
    id = "projects/my-project-1234/topics/media-releases"
  }
}

mock_resource "google_secret_manager_secret" {
  defaults = {
    id = "projects/my-project-1234/secrets/secret"
  }
}

mock_resource "google_firestore_database" {
  defaults = {
    id = "projects/my-project-1234/databases/(default)"
  }
}
