output "url" {
  description = "Where page and API are, once DNS and the certificate are there."
  value       = "https://${var.domain}"
}

output "api_url" {
  description = "Where the API begins."
  value       = "https://${var.domain}/api/"
}

output "ip_address" {
  description = "What the domain's A record has to be."
  value       = google_compute_global_address.media.address
}

output "worker_url" {
  description = "Where tasks are delivered to."
  value       = local.worker_url
}

output "image_repository" {
  description = "Where the stream's image is pushed to."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.media.repository_id}"
}

output "sign_in_api_key" {
  description = "With this, Identity Platform signs people in. It names the project, and is no secret."
  value       = local.sign_in_api_key
  sensitive   = true
}

output "dashboard_url" {
  description = "The dashboard in the console."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${reverse(split("/", google_monitoring_dashboard.media.id))[0]}?project=${var.project_id}"
}
