output "url" {
  description = "Address of the page. With a domain: as soon as DNS and the certificate work."
  value       = local.page_url
}

output "api_url" {
  description = "Base address of the API."
  value       = "${local.api_url}/api/"
}

output "ip_address" {
  description = "Address for the domain's A record. Without a domain: null."
  value       = one(google_compute_global_address.media[*].address)
}

output "worker_url" {
  description = "Address that tasks are delivered to."
  value       = local.worker_url
}

output "image_repository" {
  description = "Repository for the stream's image."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.media.repository_id}"
}

output "sign_in_api_key" {
  description = "The API key for sign-in with Identity Platform. It names the project and is not a secret."
  value       = local.sign_in_api_key
  sensitive   = true
}

output "dashboard_url" {
  description = "The dashboard in the console."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${reverse(split("/", google_monitoring_dashboard.media.id))[0]}?project=${var.project_id}"
}

output "api_settings" {
  description = "Settings of the api, one NAME=value a line, for `npm run owner` and `npm run reanalyse`."
  value = join("\n", [
    for name, value in local.api_environment : "${name}=${value}"
    if value != null && value != ""
  ])
}
