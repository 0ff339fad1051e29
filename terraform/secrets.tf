# Terraform creates the secret but not its value, so the value is in no state file. Add it with:
#   gcloud secrets versions add gemini-api-key --data-file=-
resource "google_secret_manager_secret" "gemini_api_key" {
  secret_id = "gemini-api-key"

  replication {
    auto {}
  }

  depends_on = [time_sleep.services_known]
}
