# Terraform creates the secrets but not their values, so no value is in a state file. Add one with:
#   gcloud secrets versions add gemini-api-key --data-file=-
resource "google_secret_manager_secret" "gemini_api_key" {
  secret_id = "gemini-api-key"

  replication {
    auto {}
  }

  depends_on = [time_sleep.services_known]
}

# For openai/ models.
resource "google_secret_manager_secret" "openai_api_key" {
  secret_id = "openai-api-key"

  replication {
    auto {}
  }

  depends_on = [time_sleep.services_known]
}
