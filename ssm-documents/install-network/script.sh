# install-network
