
print("martlet")
