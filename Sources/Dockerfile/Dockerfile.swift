// Dockerfile
