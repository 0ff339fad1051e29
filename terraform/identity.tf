# Identity Platform issues the callers' tokens, unless auth_issuer names another issuer.

variable "identity_platform" {
  description = "Whether to set up Identity Platform. Turn it off with an auth_issuer of your own. If the project has it already, put identity_platform into adopt instead."
  type        = bool
  default     = true
}

variable "allow_sign_up" {
  description = "Whether people may create accounts themselves. If not, an administrator creates them."
  type        = bool
  default     = false
}

variable "google_client_id" {
  description = "OAuth client for \"Sign in with Google\", of the type web application, made by hand in the console. Empty: no such button."
  type        = string
  default     = ""

  validation {
    condition     = var.google_client_id == "" || can(regex("^[a-z0-9-]+[.]apps[.]googleusercontent[.]com$", var.google_client_id))
    error_message = "google_client_id must end with .apps.googleusercontent.com. Copy it from https://console.cloud.google.com/auth/clients"
  }

  validation {
    condition     = var.google_client_id == "" || local.signs_in
    error_message = "google_client_id needs identity_platform = true and an empty auth_issuer: with another issuer the page has no sign-in of its own."
  }
}

variable "google_client_secret" {
  description = "The secret of google_client_id, which Identity Platform asks for. It is in Terraform's state."
  type        = string
  default     = ""
  sensitive   = true

  validation {
    condition     = (var.google_client_secret == "") == (var.google_client_id == "")
    error_message = "Set google_client_id and google_client_secret, or neither."
  }
}

locals {
  # The page has sign-in screens for Identity Platform only.
  signs_in        = var.identity_platform && var.auth_issuer == ""
  sign_in_api_key = var.identity_platform ? google_identity_platform_config.media[0].client[0].api_key : ""
  sign_in = merge(
    {
      api_key      = local.sign_in_api_key
      identity_url = "https://identitytoolkit.googleapis.com"
      token_url    = "https://securetoken.googleapis.com"
      sign_up      = var.allow_sign_up
    },
    var.google_client_id == "" ? {} : { google_client_id = var.google_client_id },
  )
}

resource "google_identity_platform_config" "media" {
  count = var.identity_platform ? 1 : 0

  authorized_domains = [trimprefix(local.page_url, "https://")]

  sign_in {
    allow_duplicate_emails = false

    email {
      enabled           = true
      password_required = true
    }

    # The provider reads this block whether it is set or not: without it, each plan would show a change.
    phone_number {
      enabled = false
    }
  }

  client {
    permissions {
      disabled_user_signup   = !var.allow_sign_up
      disabled_user_deletion = true
    }
  }

  depends_on = [time_sleep.services_known]
}

import {
  for_each = toset(var.identity_platform && contains(var.adopt, "identity_platform") ? ["media"] : [])
  to       = google_identity_platform_config.media[0]
  id       = "projects/${var.project_id}/config"
}

resource "google_identity_platform_default_supported_idp_config" "google" {
  count = var.google_client_id == "" ? 0 : 1

  idp_id        = "google.com"
  enabled       = true
  client_id     = var.google_client_id
  client_secret = var.google_client_secret

  depends_on = [google_identity_platform_config.media]
}
