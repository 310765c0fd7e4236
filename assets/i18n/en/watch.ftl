# Watching objects until they are final.
