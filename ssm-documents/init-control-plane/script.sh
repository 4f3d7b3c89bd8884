# init-control-plane
