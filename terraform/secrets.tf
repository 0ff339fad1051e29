# The secret is made here; its value is not, so it is in no state:
#   gcloud secrets versions add gemini-api-key --data-file=-
resource "google_secret_manager_secret" "gemini_api_key" {
  secret_id = "gemini-api-key"

  replication {
    auto {}
  }

  depends_on = [google_project_service.required]
}
