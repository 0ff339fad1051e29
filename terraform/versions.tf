terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50, < 9"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }

  # terraform init names the bucket: -backend-config=bucket=...
  backend "gcs" {
    prefix = "media-analysis"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  # Without a quota project, Firebase rules, Identity Platform and budgets refuse a person's own
  # credentials: https://cloud.google.com/docs/authentication/troubleshoot-adc#user-creds-client-based
  user_project_override = true
  billing_project       = var.project_id

  default_labels = {
    app = "media-analysis"
  }
}
