# The settings of the api and the issuer of its callers' tokens. api.tf passes them on.

variable "auth_issuer" {
  description = "Issuer of the callers' tokens. Empty: this project's Identity Platform."
  type        = string
  default     = ""

  validation {
    condition     = var.auth_issuer == "" || can(regex("^https://[^\\s]+$", var.auth_issuer))
    error_message = "Write the issuer as its tokens name it, an address that begins with https://."
  }
}

variable "auth_audience" {
  description = "Audience of the callers' tokens. Empty: this project's id."
  type        = string
  default     = ""

  validation {
    condition     = var.auth_issuer == "" || var.auth_audience != ""
    error_message = "With an auth_issuer of your own, set auth_audience too. Otherwise the API would accept every token of that issuer whose audience is this project's id."
  }
}

variable "auth_jwks_url" {
  description = "Address of the issuer's public keys."
  type        = string
  default     = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"

  validation {
    condition     = can(regex("^https://[^\\s]+$", var.auth_jwks_url))
    error_message = "The address of the keys must begin with https:// and have no spaces."
  }

  validation {
    condition     = var.auth_issuer == "" || startswith(var.auth_issuer, "https://securetoken.google.com/") || !strcontains(var.auth_jwks_url, "securetoken@system.gserviceaccount.com")
    error_message = "auth_jwks_url has the keys of Identity Platform, and auth_issuer is another issuer: no token would be accepted. Set auth_jwks_url to the address of that issuer's keys (jwks_uri in its /.well-known/openid-configuration)."
  }
}

variable "max_files" {
  description = "Most files in one request."
  type        = number
  default     = 100

  validation {
    condition     = var.max_files >= 1 && var.max_files <= 100 && floor(var.max_files) == var.max_files
    error_message = "max_files must be a whole number, 1 to 100: one commit creates all documents, and one stream watches at most 100."
  }
}

variable "max_file_bytes" {
  description = "Most bytes of one file in a request."
  type        = number
  default     = 32505856 # 31 MiB

  validation {
    condition     = var.max_file_bytes >= 1 && var.max_file_bytes <= var.max_request_bytes && floor(var.max_file_bytes) == var.max_file_bytes
    error_message = "max_file_bytes must be a whole number, at least 1 and at most max_request_bytes."
  }
}

variable "max_request_bytes" {
  description = "Most bytes of one request."
  type        = number
  default     = 33554432 # 32 MiB

  validation {
    condition     = var.max_request_bytes >= 1 && var.max_request_bytes <= 33554432 && floor(var.max_request_bytes) == var.max_request_bytes
    error_message = "max_request_bytes must be a whole number, at most 33554432, because Cloud Run accepts 32 MiB for each request: https://cloud.google.com/run/quotas"
  }
}

variable "body_stall_s" {
  description = "Seconds without a byte after which the api ends a request that is still being sent."
  type        = number
  default     = 30

  validation {
    condition     = var.body_stall_s >= 1 && floor(var.body_stall_s) == var.body_stall_s
    error_message = "body_stall_s must be a whole number, at least 1."
  }
}

variable "body_total_s" {
  description = "Seconds that a whole request may take to arrive."
  type        = number
  default     = 420

  validation {
    condition     = var.body_total_s >= 1 && var.body_total_s <= 3570 && floor(var.body_total_s) == var.body_total_s
    error_message = "body_total_s must be a whole number, 1 to 3570: with 30 s for the answer, that is the hour that Cloud Run allows a request."
  }
}

variable "body_min_bytes_per_minute" {
  description = "Fewest bytes of each minute of a body. A request that sends less is ended, so that it holds no place."
  type        = number
  default     = 120000

  validation {
    condition     = var.body_min_bytes_per_minute >= 1 && floor(var.body_min_bytes_per_minute) == var.body_min_bytes_per_minute
    error_message = "body_min_bytes_per_minute must be a whole number, at least 1."
  }
}

variable "max_upload_bytes" {
  description = "Most bytes of a file that is sent straight to Cloud Storage."
  type        = number
  default     = 2147483648 # 2 GiB

  validation {
    condition     = var.max_upload_bytes >= 1 && floor(var.max_upload_bytes) == var.max_upload_bytes
    error_message = "max_upload_bytes must be a whole number, at least 1."
  }
}

variable "max_uploads_in_flight" {
  description = "Most requests with files that one owner may have open on one instance."
  type        = number
  default     = 10

  # One owner must not hold all places of an instance.
  validation {
    condition     = var.max_uploads_in_flight >= 1 && var.max_uploads_in_flight <= max(1, floor(var.api_capacity.concurrency / 4)) && floor(var.max_uploads_in_flight) == var.max_uploads_in_flight
    error_message = "max_uploads_in_flight must be a whole number, at least 1 and at most a quarter of api_capacity.concurrency."
  }
}

variable "max_uploads_per_instance" {
  description = "Most requests with files that all owners may have open on one instance. Its other places stay free for reading."
  type        = number
  default     = 32

  validation {
    condition     = var.max_uploads_per_instance >= 1 && var.max_uploads_per_instance <= max(1, floor(var.api_capacity.concurrency * 0.8)) && floor(var.max_uploads_per_instance) == var.max_uploads_per_instance
    error_message = "max_uploads_per_instance must be a whole number, at least 1 and at most four fifths of api_capacity.concurrency."
  }
}

variable "max_announced" {
  description = "Most files that one owner may have announced whose bytes have not arrived."
  type        = number
  default     = 1000

  validation {
    condition     = var.max_announced >= var.max_files && floor(var.max_announced) == var.max_announced
    error_message = "max_announced must be a whole number, at least max_files: one request may announce that many."
  }
}

variable "max_bytes_per_day" {
  description = "Most bytes that one owner may send in a day, over all instances."
  type        = number
  default     = 10737418240 # 10 GiB

  validation {
    condition     = var.max_bytes_per_day >= 1 && floor(var.max_bytes_per_day) == var.max_bytes_per_day
    error_message = "max_bytes_per_day must be a whole number, at least 1."
  }
}

variable "max_files_per_day" {
  description = "Most files that one owner may send in a day, over all instances. Each address for a large file counts as one, too."
  type        = number
  default     = 10000

  validation {
    condition     = var.max_files_per_day >= var.max_files && floor(var.max_files_per_day) == var.max_files_per_day
    error_message = "max_files_per_day must be a whole number, at least max_files, or a full request could never be accepted."
  }
}

variable "signed_url_ttl_s" {
  description = "Seconds for which a signed URL works. It works for anyone who knows it."
  type        = number
  default     = 900

  validation {
    condition     = var.signed_url_ttl_s >= 1 && var.signed_url_ttl_s <= 604800 && floor(var.signed_url_ttl_s) == var.signed_url_ttl_s
    error_message = "signed_url_ttl_s must be a whole number, at least 1 and at most seven days (604800): https://cloud.google.com/storage/docs/access-control/signed-urls"
  }
}
