data "google_project" "this" {
  project_id = var.project_id
}

resource "google_project_service" "required" {
  for_each = toset(concat(
    [
      "artifactregistry.googleapis.com",
      "billingbudgets.googleapis.com",
      # The provider reads the project's billing account with it, even for a plan.
      "cloudbilling.googleapis.com",
      "cloudbuild.googleapis.com",
      "cloudfunctions.googleapis.com",
      "cloudresourcemanager.googleapis.com",
      "cloudscheduler.googleapis.com",
      "cloudtasks.googleapis.com",
      "firebaserules.googleapis.com",
      "firestore.googleapis.com",
      "iam.googleapis.com",
      # signBlob: the api signs URLs with it, without a key file.
      "iamcredentials.googleapis.com",
      "identitytoolkit.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "pubsub.googleapis.com",
      "run.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
    ],
    local.uses_vertex ? ["aiplatform.googleapis.com"] : [],
    local.has_domain ? ["compute.googleapis.com"] : [],
  ))

  service            = each.value
  disable_on_destroy = false
}

# Google says "API has not been used in this project before" for about a minute after an API was enabled.
resource "time_sleep" "services_known" {
  create_duration = "60s"
  triggers        = { services = join(",", sort([for each in google_project_service.required : each.service])) }
}
