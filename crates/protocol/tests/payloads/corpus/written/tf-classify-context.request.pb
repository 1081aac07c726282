

clOM



age




age




age
 


country

NO