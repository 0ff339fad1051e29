# Cloud Armor, in front of api and stream. The units limit what a signed-in owner may do; this limits
# an address, signed in or not. Rules that look for attacks in bodies are left out on purpose: photos
# are full of bytes that look like one.

variable "requests_per_minute" {
  description = "Requests that one address may send in a minute."
  type        = number
  default     = 600

  validation {
    condition     = var.requests_per_minute >= 10 && var.requests_per_minute <= 1000
    error_message = "10 to 1000: the ban counts up to 10000 requests."
  }
}

variable "ban_s" {
  description = "Seconds that an address is refused for once it sent ten times as many."
  type        = number
  default     = 600

  validation {
    condition     = contains([60, 120, 180, 240, 300, 600, 900, 1200, 1800, 2700, 3600], var.ban_s)
    error_message = "One of 60, 120, 180, 240, 300, 600, 900, 1200, 1800, 2700, 3600."
  }
}

resource "google_compute_security_policy" "media" {
  name        = "media"
  description = "Limits requests by address"
  type        = "CLOUD_ARMOR"

  rule {
    priority    = 1000
    action      = "rate_based_ban"
    description = "So many requests a minute, and a ban for ten times as many"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action   = "allow"
      exceed_action    = "deny(429)"
      enforce_on_key   = "IP"
      ban_duration_sec = var.ban_s

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
      ban_threshold {
        count        = var.requests_per_minute * 10
        interval_sec = 600
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Everything else"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.required]
}
