# The settings of the api and who its callers are; api.tf hands them over.

variable "auth_issuer" {
  description = "Who issues the callers' tokens; empty: Identity Platform of this project."
  type        = string
  default     = ""

  validation {
    condition     = var.auth_issuer == "" || startswith(var.auth_issuer, "https://")
    error_message = "The issuer as its tokens name it, which is an https address."
  }
}

variable "auth_audience" {
  description = "The audience of the callers' tokens; empty: this project."
  type        = string
  default     = ""

  validation {
    condition     = var.auth_issuer == "" || var.auth_audience != ""
    error_message = "An issuer of your own has an audience of its own: say it, or any token of that issuer for this project's name would do."
  }
}

variable "auth_jwks_url" {
  description = "Where the issuer's public keys are."
  type        = string
  default     = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"

  validation {
    condition     = startswith(var.auth_jwks_url, "https://")
    error_message = "Keys have to come over https."
  }
}

variable "max_files" {
  description = "Files in one request."
  type        = number
  default     = 100

  validation {
    condition     = var.max_files >= 1 && var.max_files <= 100
    error_message = "1 to 100: one commit makes all documents, one stream watches 100."
  }
}

variable "max_file_bytes" {
  description = "Bytes of one file in a request."
  type        = number
  default     = 32505856 # 31 MiB

  validation {
    condition     = var.max_file_bytes >= 1 && var.max_file_bytes <= var.max_request_bytes
    error_message = "At most max_request_bytes."
  }
}

variable "max_request_bytes" {
  description = "Bytes of one request."
  type        = number
  default     = 33554432 # 32 MiB

  validation {
    condition     = var.max_request_bytes >= 1 && var.max_request_bytes <= 33554432
    error_message = "Cloud Run takes 32 MiB a request: https://cloud.google.com/run/quotas"
  }
}

variable "body_stall_s" {
  description = "Seconds without a byte after which a request that is being sent is ended."
  type        = number
  default     = 30

  validation {
    condition     = var.body_stall_s >= 1
    error_message = "At least a second."
  }
}

variable "body_total_s" {
  description = "Seconds that a whole request may take to arrive."
  type        = number
  default     = 300

  validation {
    condition     = var.body_total_s >= 1 && var.body_total_s <= 300
    error_message = "1 to 300."
  }
}

variable "max_upload_bytes" {
  description = "Bytes of a file that is sent straight to Cloud Storage."
  type        = number
  default     = 2147483648 # 2 GiB

  validation {
    condition     = var.max_upload_bytes >= 1
    error_message = "At least one."
  }
}

variable "max_uploads_in_flight" {
  description = "Requests with files that one owner may have open on one instance."
  type        = number
  default     = 50

  validation {
    condition     = var.max_uploads_in_flight >= 1
    error_message = "At least one."
  }
}

variable "max_bytes_per_day" {
  description = "Bytes that one owner may send in a day, over all instances."
  type        = number
  default     = 10737418240 # 10 GiB

  validation {
    condition     = var.max_bytes_per_day >= 1
    error_message = "At least one."
  }
}

variable "signed_url_ttl_s" {
  description = "Seconds that a signed URL works for whoever has it."
  type        = number
  default     = 900

  validation {
    condition     = var.signed_url_ttl_s >= 1 && var.signed_url_ttl_s <= 604800
    error_message = "At most seven days: https://cloud.google.com/storage/docs/access-control/signed-urls"
  }
}
